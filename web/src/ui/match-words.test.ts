import { expect, it } from 'vitest'
import { matchWords } from './match-words.ts'

it.each([
  ['ETH Ethereum', 'eth', 1],
  ['ETH Ethereum', 'ether', 0.5],
  ['USDT Tether', 'eth', 0],
  ['Trade ETH Ethereum', 'trade eth', 1],
  ['Trade ETH Ethereum', 'tra eth', 0.75],
  ['ATOM Cosmos Hub', 'cosmos h', 0.75],
  ['ATOM Cosmos Hub', 'cosmos x', 0],
  ['ATOM Cosmos Hub', ' ', 1],
])('"%s" fits "%s" by %d', (name, search, fit) => {
  expect(matchWords(name, search)).toBe(fit)
})
