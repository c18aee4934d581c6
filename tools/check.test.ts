import { expect, test } from 'vitest'
import { runChecks } from './check.ts'

const passes = { name: 'passes', args: ['-e', "console.log('seen\\n3 files')"] }
const fails = { name: 'fails', args: ['-e', "console.error('the offence'); process.exitCode = 1"] }

test('one check that fails is counted and shows what it found, and the others still run', async () => {
  const lines: string[] = []
  expect(await runChecks([fails, passes, fails, passes], (line) => lines.push(line))).toBe(2)
  expect(lines.filter((line) => /^ok +passes, .* s: 3 files$/.test(line))).toHaveLength(2)
  expect(lines.filter((line) => /^FAILED fails, /.test(line))).toHaveLength(2)
  expect(lines.filter((line) => line === 'the offence')).toHaveLength(2)
})

test('checks that pass fail nothing', async () => {
  expect(await runChecks([passes], () => {})).toBe(0)
})
