import { expect, it } from 'vitest'
import { createFactorVault } from './factor-vault.ts'

const vault = createFactorVault('the secret of this platform')

it('hashes a recovery code for one user and one secret of the platform only', () => {
  const code = '7k2mq-x4t9w'
  const hash = vault.hashOf('ada', code)
  expect(vault.hashOf('ada', code)).toBe(hash)
  expect(vault.hashOf('babbage', code)).not.toBe(hash)
  expect(vault.hashOf('ada', '7k2mq-x4t9x')).not.toBe(hash)
  const elsewhere = createFactorVault('the secret of another platform')
  expect(elsewhere.hashOf('ada', code)).not.toBe(hash)
})
