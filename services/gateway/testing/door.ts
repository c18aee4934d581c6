/** For tests: the door of a tiny platform, and what is sent to it. */
import type { ProblemBody } from '@cnop/contract/problem.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import { startTinyPlatform, type TinyPlatform } from './tiny-platform.ts'

export type Sending = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS'
  headers?: Record<string, string>
  payload?: string
  remoteAddress?: string
}

/** Alice is signed in with the token `good`, Bob with `other`. */
export async function startDoor(
  options: Parameters<typeof startTinyPlatform>[0] = {},
): Promise<TinyPlatform> {
  const platform = await startTinyPlatform(options)
  platform.sessions.set('good', 'alice_1').set('other', 'bob_22')
  return platform
}

export const sendTo = (door: TinyPlatform, path: string, sending: Sending = {}) =>
  door.gateway.app.inject({ method: 'GET', url: path, ...sending })

export const apiOf = (door: TinyPlatform, path: string, sending: Sending = {}) =>
  sendTo(door, API_BASE + path, sending)

export const JSON_BODY = { 'content-type': 'application/json' }

export const codeOf = (answer: { body: string }): string =>
  (JSON.parse(answer.body) as ProblemBody).code
