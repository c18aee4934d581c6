/**
 * Keeps the secrets of second factors: who has the store, but not the secret of the platform, can
 * neither make a code nor guess a recovery code.
 */
import { createHmac } from 'node:crypto'
import { createVault, keyFor, type Vault } from '../vault.ts'

/** What is sealed is sealed for one user, by their id. */
export type FactorVault = Vault & {
  /** The same code of the same user gives the same hash. */
  hashOf(userId: string, recoveryCode: string): string
}

export function createFactorVault(callerSecret: string): FactorVault {
  const hashingKey = keyFor(callerSecret, 'cnop recovery code')
  return {
    ...createVault(callerSecret, 'cnop second factor secret'),
    hashOf: (userId, recoveryCode) =>
      createHmac('sha256', hashingKey)
        .update(JSON.stringify([userId, recoveryCode]))
        .digest('base64url'),
  }
}
