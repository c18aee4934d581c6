/** Key and stored shape of a second factor: one row, so that one condition guards all of it. */
import { nameIn, textIn, unitsIn } from '@cnop/kit/store/row-fields.ts'
import type { Condition, Key, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../users/user-rows.ts'

export type RecoveryCode = {
  readonly hash: string
  /** When and what for; absent for one that is left. */
  readonly used?: { readonly atMs: bigint; readonly purpose: string }
}

export type SecondFactor = {
  /** `pending` until a code of the secret has come back: nobody is asked for it before. */
  readonly state: 'pending' | 'on'
  /** What codes are made of, sealed by the vault; no two are alike. */
  readonly sealedSecret: string
  readonly begunAtMs: bigint
  /** The time step of the last good code, and what that was good for. */
  readonly lastStep: bigint
  readonly lastPurpose: string
  readonly recoveryCodes: readonly RecoveryCode[]
  /** When the wrong codes there have been are forgotten, if no other comes. */
  readonly wrongCodesGoneAtMs: bigint
  /** Moves by one with every change. */
  readonly version: bigint
}

export const secondFactorKey = (userId: string): Key => ({
  pk: partitionOf(userId),
  sk: '@SECOND-FACTOR',
})

export const loadSecondFactor = (row: Row): SecondFactor => ({
  state: nameIn(row, 'state', ['pending', 'on']),
  sealedSecret: textIn(row, 'sealedSecret'),
  begunAtMs: unitsIn(row, 'begunAtMs'),
  lastStep: unitsIn(row, 'lastStep'),
  lastPurpose: textIn(row, 'lastPurpose'),
  recoveryCodes: loadRecoveryCodes(textIn(row, 'recoveryCodes')),
  wrongCodesGoneAtMs: unitsIn(row, 'wrongCodesGoneAtMs'),
  version: unitsIn(row, 'version'),
})

export const storeSecondFactor = (factor: SecondFactor): Row => ({
  ...factor,
  recoveryCodes: storeRecoveryCodes(factor.recoveryCodes),
})

/** That the row stands as it was read. */
export const factorIs = (factor: SecondFactor | undefined): Condition =>
  factor === undefined
    ? { absent: true }
    : { equals: { sealedSecret: factor.sealedSecret, version: factor.version } }

/** JSON has no whole numbers of any size: a time is text in it. */
type KeptCode = { readonly hash: string; readonly usedAtMs?: string; readonly purpose?: string }

const loadRecoveryCodes = (text: string): readonly RecoveryCode[] =>
  (JSON.parse(text) as KeptCode[]).map(({ hash, usedAtMs, purpose = '' }) =>
    usedAtMs === undefined ? { hash } : { hash, used: { atMs: BigInt(usedAtMs), purpose } },
  )

const storeRecoveryCodes = (codes: readonly RecoveryCode[]): string =>
  JSON.stringify(
    codes.map(
      ({ hash, used }): KeptCode =>
        used === undefined ? { hash } : { hash, usedAtMs: `${used.atMs}`, purpose: used.purpose },
    ),
  )
