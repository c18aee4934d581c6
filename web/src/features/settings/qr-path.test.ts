import { generate } from 'lean-qr'
import { expect, it } from 'vitest'
import { qrPath } from './qr-path.ts'

const URI = 'otpauth://totp/CNOP:somebody?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=CNOP'

it('draws every dark module of the code and no other, with white round it', () => {
  const { d, size } = qrPath(URI)
  const code = generate(URI)
  expect(size).toBe(code.size + 8)
  const drawn = new Set<string>()
  for (const [, x, y, width] of d.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    for (let step = 0; step < Number(width); step += 1) drawn.add(`${Number(x) + step} ${y}`)
  const dark = new Set<string>()
  for (let y = 0; y < code.size; y += 1)
    for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) dark.add(`${x + 4} ${y + 4}`)
  expect(drawn).toEqual(dark)
})
