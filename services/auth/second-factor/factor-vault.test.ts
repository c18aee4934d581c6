import { expect, it } from 'vitest'
import { createFactorVault } from './factor-vault.ts'

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const vault = createFactorVault('the secret of this platform')

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

it('opens nothing that was sealed under another secret of the platform', () => {
  const elsewhere = createFactorVault('the secret of another platform')
  expect(() => elsewhere.open('ada', vault.seal('ada', SECRET))).toThrow(/another CALLER_SECRET/)
})

it('opens nothing that was moved to another user', () => {
  expect(() => vault.open('babbage', vault.seal('ada', SECRET))).toThrow(/another CALLER_SECRET/)
})

it('opens nothing of which any byte was changed or cut off', () => {
  const sealed = Buffer.from(vault.seal('ada', SECRET), 'base64url')
  for (const at of sealed.keys()) {
    const changed = Buffer.from(sealed)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(() => vault.open('ada', changed.toString('base64url'))).toThrow(/sealed/)
    const cut = sealed.subarray(0, at).toString('base64url')
    expect(() => vault.open('ada', cut)).toThrow(/sealed/)
  }
})

it('hashes a recovery code for one user and one secret of the platform only', () => {
  const code = '7k2mq-x4t9w'
  const hash = vault.hashOf('ada', code)
  expect(vault.hashOf('ada', code)).toBe(hash)
  expect(vault.hashOf('babbage', code)).not.toBe(hash)
  expect(vault.hashOf('ada', '7k2mq-x4t9x')).not.toBe(hash)
  const elsewhere = createFactorVault('the secret of another platform')
  expect(elsewhere.hashOf('ada', code)).not.toBe(hash)
})
