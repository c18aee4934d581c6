import { expect, it } from 'vitest'
import { BrokenSeal, createVault } from './vault.ts'

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const PLATFORM = 'the secret of this platform'
const vault = createVault(PLATFORM, 'a purpose')

it('opens what it sealed, and shows nothing of it', () => {
  const sealed = vault.seal('ada', SECRET)
  expect(vault.open('ada', sealed)).toBe(SECRET)
  const bytes = Buffer.from(sealed, 'base64url')
  expect(bytes.includes(SECRET)).toBe(false)
  expect(bytes.includes(Buffer.from('12345678901234567890'))).toBe(false)
})

it('seals the same secret differently each time', () => {
  expect(vault.seal('ada', SECRET)).not.toBe(vault.seal('ada', SECRET))
})

it.each([
  ['another secret of the platform', createVault('the secret of another platform', 'a purpose')],
  ['the same secret for another purpose', createVault(PLATFORM, 'another purpose')],
])('opens nothing that was sealed under %s', (_, elsewhere) => {
  expect(() => elsewhere.open('ada', vault.seal('ada', SECRET))).toThrow(BrokenSeal)
})

it('opens nothing that was moved to another place', () => {
  expect(() => vault.open('babbage', vault.seal('ada', SECRET))).toThrow(/another CALLER_SECRET/)
})

it('opens nothing of which any byte was changed or cut off', () => {
  const sealed = Buffer.from(vault.seal('ada', SECRET), 'base64url')
  for (const at of sealed.keys()) {
    const changed = Buffer.from(sealed)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(() => vault.open('ada', changed.toString('base64url'))).toThrow(BrokenSeal)
    const cut = sealed.subarray(0, at).toString('base64url')
    expect(() => vault.open('ada', cut)).toThrow(BrokenSeal)
  }
})
