import { Problem } from '@cnop/contract/problem.ts'
import { expect, it } from 'vitest'
import { decideLink } from './decide-link.ts'

const kept = { linkId: 'second', address: 'Ada@example.org', expiresMs: 1_000 }
const right = { linkId: 'second', kept, address: 'ada@example.org', nowMs: 999 }

it('is good while it is the latest of its purpose, in time, and its address is the present one', () => {
  expect(() => decideLink(right)).not.toThrow()
})

it.each([
  ['an older link', { linkId: 'first' }],
  ['a used one', { kept: undefined }],
  ['one whose time is over', { nowMs: 1_000 }],
  ['one to a former address', { address: 'countess@example.org' }],
  ['one of nobody', { address: undefined }],
])('%s is not valid, and not a word more is said', (_, fault) => {
  expect(() => decideLink({ ...right, ...fault })).toThrow(new Problem('link-not-valid'))
})
