/**
 * Which code is good, and what becomes of the factor by it.
 *
 * Six digits are a million codes, and with the drift of a step to either side three of them are
 * good at a time. So wrong ones count for the account, from however many addresses they come, and
 * no good one makes them forgotten: ten at once, then one more every four hours. Who knows the
 * password and guesses for a year has 10 + 365 * 6 = 2,200 guesses, and is in with a chance of
 * 2,200 * 3 / 1,000,000 = 0.66 %, while the security log fills with it day by day.
 */
import { Problem } from '@cnop/contract/problem.ts'
import type { RecoveryCode, SecondFactor } from './factor-rows.ts'

export const WRONG_CODES_MAX = 10n
export const WRONG_CODE_MS = 14_400_000n

/** A secret that nobody confirms for so long was not scanned. */
export const PENDING_MS = 900_000n

/** For so long a recovery code is good again for what it was used for. */
export const RECOVERY_AGAIN_MS = 600_000n

/** A code as it was given: of a time step, a recovery code, or neither. */
export type GivenCode = {
  readonly step: bigint | undefined
  readonly recoveryHash: string | undefined
  readonly purpose: string
  readonly nowMs: bigint
}

export type Verdict =
  | { readonly is: 'good'; readonly by: 'app' | 'recovery-code'; readonly factor: SecondFactor }
  /** Used before, for this same purpose. */
  | { readonly is: 'good-again' }
  /** Right, and used before: no guess, so it does not count as one. */
  | { readonly is: 'used' }
  | { readonly is: 'wrong'; readonly factor: SecondFactor }
  | { readonly is: 'blocked'; readonly forMs: bigint }

export function decideCode(factor: SecondFactor, given: GivenCode): Verdict {
  const forMs = blockedForMs(factor, given.nowMs)
  if (forMs > 0n) return { is: 'blocked', forMs }
  if (given.step !== undefined) return decideStep(factor, given.step, given.purpose)
  const code = factor.recoveryCodes.find(({ hash }) => hash === given.recoveryHash)
  return code === undefined ? wrong(factor, given.nowMs) : decideRecovery(factor, code, given)
}

/** How long until there is room for another wrong code; nothing or less where there is. */
export const blockedForMs = ({ wrongCodesGoneAtMs }: SecondFactor, nowMs: bigint): bigint =>
  wrongCodesGoneAtMs - nowMs - (WRONG_CODES_MAX - 1n) * WRONG_CODE_MS

/** Steps before the last one are over as well: their codes may have been seen. */
function decideStep(factor: SecondFactor, step: bigint, purpose: string): Verdict {
  if (step > factor.lastStep) {
    return {
      is: 'good',
      by: 'app',
      factor: changed(factor, { lastStep: step, lastPurpose: purpose }),
    }
  }
  const again = step === factor.lastStep && purpose === factor.lastPurpose
  return { is: again ? 'good-again' : 'used' }
}

function decideRecovery(
  factor: SecondFactor,
  code: RecoveryCode,
  { purpose, nowMs }: GivenCode,
): Verdict {
  if (code.used !== undefined) {
    const again = code.used.purpose === purpose && nowMs - code.used.atMs < RECOVERY_AGAIN_MS
    return { is: again ? 'good-again' : 'used' }
  }
  const recoveryCodes = factor.recoveryCodes.map((other) =>
    other === code ? { ...code, used: { atMs: nowMs, purpose } } : other,
  )
  return { is: 'good', by: 'recovery-code', factor: changed(factor, { recoveryCodes }) }
}

function wrong(factor: SecondFactor, nowMs: bigint): Verdict {
  const from = factor.wrongCodesGoneAtMs > nowMs ? factor.wrongCodesGoneAtMs : nowMs
  return { is: 'wrong', factor: changed(factor, { wrongCodesGoneAtMs: from + WRONG_CODE_MS }) }
}

const changed = (factor: SecondFactor, changes: Partial<SecondFactor>): SecondFactor => ({
  ...factor,
  ...changes,
  version: factor.version + 1n,
})

/** A factor that waits to be confirmed, in place of one that waited before. Throws `second-factor-on`. */
export function decideBeginning(
  factor: SecondFactor | undefined,
  { sealedSecret, nowMs }: { sealedSecret: string; nowMs: bigint },
): SecondFactor {
  if (factor?.state === 'on') throw new Problem('second-factor-on')
  return {
    state: 'pending',
    sealedSecret,
    begunAtMs: nowMs,
    lastStep: 0n,
    lastPurpose: '',
    recoveryCodes: [],
    wrongCodesGoneAtMs: 0n,
    version: 1n,
  }
}

/**
 * The factor that is on from now; the code that confirmed it is used by that. `written` when it is
 * on with these recovery codes already: an earlier attempt did it, and its answer was lost.
 * Throws `second-factor-off`, `second-factor-on` or `wrong-second-factor`.
 */
export function decideConfirmation(
  factor: SecondFactor | undefined,
  given: {
    readonly step: bigint | undefined
    readonly recoveryCodes: readonly RecoveryCode[]
    readonly nowMs: bigint
  },
): SecondFactor | 'written' {
  const { step, recoveryCodes, nowMs } = given
  if (factor?.state === 'on') {
    if (factor.recoveryCodes[0]?.hash === recoveryCodes[0]?.hash) return 'written'
    throw new Problem('second-factor-on')
  }
  if (factor === undefined || nowMs >= factor.begunAtMs + PENDING_MS) {
    throw new Problem('second-factor-off')
  }
  if (step === undefined) throw new Problem('wrong-second-factor')
  return changed(factor, { state: 'on', lastStep: step, recoveryCodes })
}
