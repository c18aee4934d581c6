/** Whether an answer from another process can have come from a service of this platform. */
import { PROBLEM_MEDIA_TYPE } from '@cnop/contract/problem.ts'
import type { Route } from '@cnop/contract/route.ts'

type Head = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

const JSON_MEDIA_TYPE = 'application/json'

const mediaTypeOf = ({ headers }: Head): string =>
  String(headers['content-type'] ?? '').split(';', 1)[0] ?? ''

/** Throws for a status that is none, or a media type that was not asked for and is no refusal. */
export function refuseStrangeHead(media: Route['media'] | undefined, head: Head): void {
  const { status } = head
  if (status < 200 || status > 599) throw new Error(`The status ${status} is none.`)
  const type = mediaTypeOf(head)
  if (type !== (media ?? JSON_MEDIA_TYPE) && type !== PROBLEM_MEDIA_TYPE) {
    throw new Error(`Nobody asked for ${type === '' ? 'bytes without a type' : type}.`)
  }
}

/** What a body says that claims to be JSON, which throws when it is none. */
export function saidIn(head: Head, body: string): { said?: unknown } {
  const type = mediaTypeOf(head)
  const claims = type === JSON_MEDIA_TYPE || type === PROBLEM_MEDIA_TYPE
  return claims ? { said: JSON.parse(body) as unknown } : {}
}
