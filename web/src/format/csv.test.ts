import fc from 'fast-check'
import { expect, it } from 'vitest'
import { csvOf } from './csv.ts'

const HEADING = 'name\r\n'

/** Reads one line back, as a spreadsheet does. */
function cellsOf(line: string): string[] {
  const cells: string[] = []
  let rest = `,${line}`
  while (rest !== '') {
    const [whole = '', quoted, plain = ''] = /^,(?:"((?:[^"]|"")*)"|([^,]*))/.exec(rest) ?? []
    cells.push(quoted?.replaceAll('""', '"') ?? plain)
    rest = rest.slice(whole.length)
  }
  return cells
}

const dangerous = fc
  .tuple(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '', '"', ',', '\n'), fc.string())
  .map(([first, rest]) => first + rest)

it('no cell begins what a spreadsheet runs, and none loses a letter', () => {
  fc.assert(
    fc.property(fc.array(dangerous, { minLength: 1, maxLength: 4 }), (values) => {
      const cells = cellsOf(csvOf(['name'], [values]).slice(HEADING.length, -2))
      expect(cells).toHaveLength(values.length)
      for (const [index, cell] of cells.entries()) {
        expect([values[index], `'${values[index]}`]).toContain(cell)
        expect(cell).not.toMatch(/^[=+@\t\r]|^-(?![0-9]+(\.[0-9]+)?$)/)
      }
    }),
  )
})

it.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['-cmd', "'-cmd"],
  ['-12.50', '-12.50'],
  ['0.00001', '0.00001'],
  ['a,b', '"a,b"'],
  ['say "a"', '"say ""a"""'],
  ['=a,b', '"\'=a,b"'],
])('%s is written as %s', (value, written) => {
  expect(csvOf(['name'], [[value]])).toBe(`name\r\n${written}\r\n`)
})
