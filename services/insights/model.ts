/** Writes what a portfolio looks like: by rules, or by a language model somewhere. */
import type { Briefing } from './decide-briefing.ts'

export type Model = {
  /** As answers name it. */
  readonly name: string
  /**
   * One to four sentences of plain text, 700 characters at most, without markup or addresses.
   * Throws `ModelFault`, and nothing else, also when the signal ends it.
   */
  write(briefing: Briefing, signal: AbortSignal): Promise<string>
}

export const FAULT_KINDS = ['unreachable', 'rate-limited', 'refused', 'broken-answer'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/**
 * Why there is no text. The message is ours to the last word: what a provider says may hold the key
 * or the prompt, so it is neither kept nor logged.
 */
export class ModelFault extends Error {
  readonly kind: FaultKind
  readonly retryAfterSeconds: number

  constructor(kind: FaultKind, message: string, retryAfterSeconds = 30) {
    super(message)
    this.name = 'ModelFault'
    this.kind = kind
    this.retryAfterSeconds = retryAfterSeconds
  }
}
