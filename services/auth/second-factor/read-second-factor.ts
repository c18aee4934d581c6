import type { Store } from '@cnop/kit/store/store.ts'
import { loadSecondFactor, secondFactorKey } from './factor-rows.ts'
import { recoveryCodesLeft } from './pass-second-factor.ts'

/** Whether it is on, and how many recovery codes are left: none where it is off. */
export async function readSecondFactor(
  userId: string,
  store: Store,
): Promise<{ readonly on: boolean; readonly recoveryCodesLeft: number }> {
  const [row] = await store.snapshot([secondFactorKey(userId)])
  const factor = row && loadSecondFactor(row)
  return factor?.state === 'on'
    ? { on: true, recoveryCodesLeft: recoveryCodesLeft(factor) }
    : { on: false, recoveryCodesLeft: 0 }
}
