import { hash } from 'node:crypto'

/** Numbers from 0 up to, not including, 1, that a seed determines: a test can be run again. */
export function createChance(seed: number): () => number {
  let drawn = 0
  return () => {
    drawn += 1
    return hash('sha256', `${seed}:${drawn}`, 'buffer').readUIntBE(0, 6) / 2 ** 48
  }
}
