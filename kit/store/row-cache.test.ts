import { expect, it } from 'vitest'
import { createRowCache } from './row-cache.ts'

const key = (sk: string) => ({ pk: 'p', sk })

function cacheOver(file: Map<string, string>, rowsMax?: number) {
  const reads: string[] = []
  const cache = createRowCache(({ sk }) => {
    reads.push(sk)
    return file.get(sk)
  }, rowsMax)
  return { cache, reads }
}

it('reads a row of the file once, also one that is not there', () => {
  const { cache, reads } = cacheOver(new Map([['a', 'A']]))
  expect([cache.textAt(key('a')), cache.textAt(key('a'))]).toEqual(['A', 'A'])
  expect([cache.textAt(key('b')), cache.textAt(key('b'))]).toEqual([undefined, undefined])
  expect(reads).toEqual(['a', 'b'])
})

it('knows what was written and what was deleted', () => {
  const { cache, reads } = cacheOver(new Map([['a', 'A']]))
  cache.textAt(key('a'))
  cache.wrote(key('a'), 'B')
  expect(cache.textAt(key('a'))).toBe('B')
  cache.wrote(key('a'), undefined)
  expect(cache.textAt(key('a'))).toBe(undefined)
  expect(reads).toEqual(['a'])
})

it('asks the file for a row that is new, whether it had asked before or not', () => {
  const file = new Map<string, string>()
  const { cache, reads } = cacheOver(file)
  cache.textAt(key('a'))
  for (const sk of ['a', 'b']) {
    file.set(sk, 'new')
    cache.wrote(key(sk), 'new')
    expect(cache.textAt(key(sk))).toBe('new')
  }
  expect(reads).toEqual(['a', 'a', 'b'])
})

it('keeps no more rows than it may, and forgets those untouched longest', () => {
  const { cache, reads } = cacheOver(new Map(), 4)
  for (const sk of ['a', 'b', 'a', 'c', 'a', 'b']) cache.textAt(key(sk))
  expect(reads).toEqual(['a', 'b', 'c', 'b'])
})

it('asks the file again after it was emptied', () => {
  const file = new Map([['a', 'A']])
  const { cache } = cacheOver(file)
  cache.wrote(key('a'), 'never committed')
  cache.clear()
  expect(cache.textAt(key('a'))).toBe('A')
})

it('keeps keys apart whose parts join to the same text', () => {
  const cache = createRowCache(({ pk, sk }) => JSON.stringify([pk, sk]))
  for (const between of ['', ':', '1:', '\u0000']) {
    const left = cache.textAt({ pk: 'a', sk: `b${between}c` })
    expect(left).not.toBe(cache.textAt({ pk: `ab${between}`, sk: 'c' }))
  }
})
