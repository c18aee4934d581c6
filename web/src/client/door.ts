/** The one way from the pages to the platform: a route of the contract, asked on this origin. */
import { type CallInput, call, fetchSend, type Send } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { AnswerOf, Route } from '@cnop/contract/route.ts'
import { refresh } from '@cnop/contract/session.ts'
import { createCodeQuestions } from './code-questions.ts'
import { onServer } from './on-server.ts'
import { createSession } from './session.ts'

const HINT = 'signed-in'
const LOCK = 'cnop-renewal'

export const session = createSession({
  async renew() {
    try {
      return await call(fetchSend({ url: '' }), refresh, {})
    } catch (error) {
      if (error instanceof Problem && (error.status === 401 || error.status === 403))
        return undefined
      throw error
    }
  },
  now: Date.now,
  hint: {
    read: () => !onServer && localStorage.getItem(HINT) !== null,
    write(present) {
      if (present) localStorage.setItem(HINT, '1')
      else localStorage.removeItem(HINT)
    },
  },
  // Without a secure context there is no `navigator.locks`, whatever its type says.
  alone: (work) => ('locks' in navigator ? navigator.locks.request(LOCK, work) : work()),
  channel:
    !onServer && 'BroadcastChannel' in globalThis
      ? new BroadcastChannel('cnop-session')
      : undefined,
})

let sendPublic: Send = fetchSend({ url: '' })

/** What is written at the door asks there, and nothing but public routes. */
export function askThrough(send: Send): void {
  sendPublic = send
}

/** Codes of the second factor that requests wait for; the frame has the dialog that asks. */
export const codeQuestions = createCodeQuestions()

/**
 * Asks a route and returns its answer; throws the `Problem` it was refused with. Where the account
 * has a second factor and the route wants it, the customer is asked for a code on the way.
 */
export async function ask<R extends Route>(route: R, input: CallInput<R>): Promise<AnswerOf<R>> {
  if (route.access === 'public') return call(sendPublic, route, input)
  if (!route.secondFactor) return askSignedIn(route, input)
  return codeQuestions.pass((code) => askSignedIn(route, withCode(input, code)))
}

const withCode = <R extends Route>(input: CallInput<R>, code: string | undefined): CallInput<R> =>
  code === undefined
    ? input
    : ({ ...input, headers: { ...input.headers, 'x-second-factor': code } } as CallInput<R>)

/** A token that is refused is renewed and the request repeated once: what was refused has had no effect. */
async function askSignedIn<R extends Route>(route: R, input: CallInput<R>): Promise<AnswerOf<R>> {
  const token = await session.token()
  try {
    return await askWith(token, route, input)
  } catch (error) {
    const refused = error instanceof Problem && isAboutToken(error) ? token : undefined
    const next = refused === undefined ? undefined : await session.tokenAfter(refused)
    if (next === undefined) throw error
    return askWith(next, route, input)
  }
}

const isAboutToken = ({ code }: Problem): boolean =>
  code === 'bad-token' || code === 'not-signed-in'

const askWith = <R extends Route>(token: string | undefined, route: R, input: CallInput<R>) =>
  call(fetchSend({ url: '', token: () => token }), route, input)

/** `crypto.randomUUID` exists in secure contexts only, and a LAN on plain http is none. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
