import { Problem } from '@cnop/contract/problem.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  blockedForMs,
  decideBeginning,
  decideCode,
  decideConfirmation,
  type GivenCode,
  PENDING_MS,
  RECOVERY_AGAIN_MS,
  WRONG_CODE_MS,
  WRONG_CODES_MAX,
} from './decide-second-factor.ts'
import type { SecondFactor } from './factor-rows.ts'

const NOW = 1_800_000_000_000n
const STEP = NOW / 30_000n

const FACTOR: SecondFactor = {
  state: 'on',
  sealedSecret: 'sealed',
  begunAtMs: NOW - 60_000n,
  lastStep: STEP - 2n,
  lastPurpose: '',
  recoveryCodes: [{ hash: 'first' }, { hash: 'second' }],
  wrongCodesGoneAtMs: 0n,
  version: 7n,
}

const give = (given: Partial<GivenCode>): GivenCode => ({
  step: undefined,
  recoveryHash: undefined,
  purpose: 'a withdrawal',
  nowMs: NOW,
  ...given,
})

/** The factor after a code that must be good or wrong. */
function changedBy(factor: SecondFactor, given: Partial<GivenCode>): SecondFactor {
  const verdict = decideCode(factor, give(given))
  if (!('factor' in verdict)) throw new Error(`expected a change, got ${verdict.is}`)
  return verdict.factor
}

const said = (factor: SecondFactor, given: Partial<GivenCode>) => decideCode(factor, give(given)).is

const codeThrown = (work: () => unknown): string => {
  try {
    return `no problem but ${JSON.stringify(work())}`
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

describe('a code of the app', () => {
  it('is good once, and again for the same purpose only', () => {
    const used = changedBy(FACTOR, { step: STEP })
    expect(used).toEqual({
      ...FACTOR,
      lastStep: STEP,
      lastPurpose: 'a withdrawal',
      version: 8n,
    })
    expect(said(used, { step: STEP })).toBe('good-again')
    expect(said(used, { step: STEP, purpose: 'another withdrawal' })).toBe('used')
  })

  it('is over once a later one was used, also where it never was', () => {
    const used = changedBy(FACTOR, { step: STEP + 1n })
    expect(said(used, { step: STEP })).toBe('used')
    expect(said(used, { step: STEP + 2n })).toBe('good')
  })

  it('does nothing more for its purpose once another code was used', () => {
    const first = changedBy(FACTOR, { step: STEP })
    const second = changedBy(first, { step: STEP + 1n, purpose: 'a sign-in' })
    expect(said(second, { step: STEP })).toBe('used')
  })
})

describe('a recovery code', () => {
  it('is good once, and again for the same purpose within ten minutes', () => {
    const used = changedBy(FACTOR, { recoveryHash: 'second' })
    expect(used.recoveryCodes).toEqual([
      { hash: 'first' },
      { hash: 'second', used: { atMs: NOW, purpose: 'a withdrawal' } },
    ])
    const later = (ms: bigint) => ({ recoveryHash: 'second', nowMs: NOW + ms })
    expect(said(used, later(RECOVERY_AGAIN_MS - 1n))).toBe('good-again')
    expect(said(used, later(RECOVERY_AGAIN_MS))).toBe('used')
    expect(said(used, { ...later(0n), purpose: 'a sign-in' })).toBe('used')
    expect(said(used, { recoveryHash: 'first' })).toBe('good')
  })

  it('that was never given out is wrong', () => {
    expect(said(FACTOR, { recoveryHash: 'third' })).toBe('wrong')
  })
})

describe('wrong codes', () => {
  const tenWrong = (): SecondFactor => {
    let factor = FACTOR
    for (let guess = 0n; guess < WRONG_CODES_MAX; guess += 1n) factor = changedBy(factor, {})
    return factor
  }

  it('block the account after ten, right codes included', () => {
    const factor = tenWrong()
    expect(said(factor, {})).toBe('blocked')
    expect(said(factor, { step: STEP })).toBe('blocked')
    expect(said(factor, { recoveryHash: 'first' })).toBe('blocked')
    expect(blockedForMs(factor, NOW)).toBe(WRONG_CODE_MS)
  })

  it('leave room for one more every four hours', () => {
    const factor = tenWrong()
    expect(said(factor, { nowMs: NOW + WRONG_CODE_MS - 1n })).toBe('blocked')
    const next = { nowMs: NOW + WRONG_CODE_MS }
    expect(said(changedBy(factor, next), next)).toBe('blocked')
  })

  it('are not forgotten for a right one', () => {
    const nineWrong = {
      ...FACTOR,
      wrongCodesGoneAtMs: NOW + (WRONG_CODES_MAX - 1n) * WRONG_CODE_MS,
    }
    const passed = changedBy(nineWrong, { step: STEP })
    expect(said(changedBy(passed, {}), {})).toBe('blocked')
  })

  it('that are right but used are no guesses', () => {
    const used = changedBy(FACTOR, { step: STEP })
    expect(decideCode(used, give({ step: STEP, purpose: 'another' }))).toEqual({ is: 'used' })
  })

  it('give who knows the password less than one chance in a hundred in a year', () => {
    const yearMs = 365n * 86_400_000n
    let factor = FACTOR
    let guesses = 0
    for (let nowMs = NOW; nowMs < NOW + yearMs; nowMs += 60_000n) {
      while (blockedForMs(factor, nowMs) <= 0n) {
        factor = changedBy(factor, { nowMs })
        guesses += 1
      }
    }
    expect(guesses).toBe(10 + 365 * 6 - 1)
    const chanceOfOne = 3 / 1_000_000
    expect(1 - (1 - chanceOfOne) ** guesses).toBeLessThan(0.01)
  })
})

const historyOfCodes = fc.array(
  fc.record({
    step: fc.option(fc.bigInt({ min: STEP - 2n, max: STEP + 4n }), { nil: undefined }),
    recoveryHash: fc.constantFrom('first', 'second', 'third', undefined),
    purpose: fc.constantFrom('one', 'two', 'three'),
    waitMs: fc.bigInt({ min: 0n, max: 10_000_000n }),
  }),
  { maxLength: 40 },
)

type Accepted = { readonly name: string; readonly purpose: string }

/** What was accepted for what, one code after the other. */
function acceptedIn(history: readonly (Omit<GivenCode, 'nowMs'> & { waitMs: bigint })[]) {
  let factor = FACTOR
  let nowMs = NOW
  const accepted: Accepted[] = []
  for (const { waitMs, ...given } of history) {
    nowMs += waitMs
    const verdict = decideCode(factor, { ...given, nowMs })
    const { step, recoveryHash, purpose } = given
    const name = step === undefined ? `${recoveryHash}` : `step ${step}`
    if (verdict.is.startsWith('good')) accepted.push({ name, purpose })
    if ('factor' in verdict) factor = verdict.factor
  }
  return accepted
}

describe('any history of codes', () => {
  it('has no step and no recovery code accepted for two purposes', () => {
    fc.assert(
      fc.property(historyOfCodes, (history) => {
        const purposes = new Map<string, string>()
        for (const { name, purpose } of acceptedIn(history)) {
          expect(purposes.get(name) ?? purpose).toBe(purpose)
          purposes.set(name, purpose)
        }
      }),
    )
  })
})

describe('switching it on', () => {
  const PENDING = decideBeginning(undefined, { sealedSecret: 'sealed', nowMs: NOW })
  const confirming = { step: STEP, recoveryCodes: [{ hash: 'mine' }], nowMs: NOW }

  it('is begun anew as long as it was not confirmed', () => {
    expect(decideBeginning(PENDING, { sealedSecret: 'other', nowMs: NOW })).toEqual({
      ...PENDING,
      sealedSecret: 'other',
    })
    const again = () => decideBeginning(FACTOR, { sealedSecret: 'other', nowMs: NOW })
    expect(codeThrown(again)).toBe('second-factor-on')
  })

  it('uses the code that confirms it', () => {
    const on = decideConfirmation(PENDING, confirming)
    if (on === 'written') throw new Error('it was not')
    expect(on.state).toBe('on')
    expect(said(on, { step: STEP })).toBe('used')
  })

  it('needs a code, and one in time', () => {
    const wrong = () => decideConfirmation(PENDING, { ...confirming, step: undefined })
    expect(codeThrown(wrong)).toBe('wrong-second-factor')
    const at = (ms: bigint) => () => decideConfirmation(PENDING, { ...confirming, nowMs: NOW + ms })
    expect(at(PENDING_MS - 1n)()).toMatchObject({ state: 'on' })
    expect(codeThrown(at(PENDING_MS))).toBe('second-factor-off')
    const nothing = () => decideConfirmation(undefined, confirming)
    expect(codeThrown(nothing)).toBe('second-factor-off')
  })

  it('knows its own work again, and no work of others', () => {
    const on = decideConfirmation(PENDING, confirming)
    if (on === 'written') throw new Error('it was not')
    expect(decideConfirmation(on, confirming)).toBe('written')
    const other = () => decideConfirmation(on, { ...confirming, recoveryCodes: [{ hash: 'x' }] })
    expect(codeThrown(other)).toBe('second-factor-on')
  })
})
