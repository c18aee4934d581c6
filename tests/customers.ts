/** Customers of a running platform, for tests: registered, signed in, speaking the contract. */
import { randomUUID } from 'node:crypto'
import { createApiKey } from '@cnop/contract/api-key.ts'
import { register } from '@cnop/contract/auth.ts'
import { deposit, withdraw } from '@cnop/contract/balance.ts'
import { type CallInput, call, fetchSend, type Send } from '@cnop/contract/call.ts'
import { type Order, type OrderBody, placeOrder } from '@cnop/contract/order.ts'
import { Problem, problemFrom } from '@cnop/contract/problem.ts'
import {
  type AnswerOf,
  API_BASE,
  type BodyOf,
  type KeyScope,
  type Route,
} from '@cnop/contract/route.ts'
import { login, refresh } from '@cnop/contract/session.ts'

export const PASSWORD = 'correct horse battery staple'

export type Customer = {
  readonly username: string
  readonly userId: string
  readonly token: string
  /** The refresh cookie as a browser would send it. */
  readonly cookie: string
  readonly send: Send
  call<R extends Route>(route: R, input: CallInput<R>): Promise<AnswerOf<R>>
  deposit(amount: string, key?: string): Promise<AnswerOf<typeof deposit>>
  withdraw(amount: string, key?: string): Promise<AnswerOf<typeof withdraw>>
  order(body: OrderBody, key?: string): Promise<Order>
  /** The bytes of an answer, for what a typed client would hide. */
  raw(
    method: string,
    path: string,
    init?: { body?: string; headers?: Record<string, string> },
  ): Promise<RawAnswer>
}

export type RawAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

let registered = 0

/** A name no other customer of this run has. */
export function newUsername(): string {
  registered += 1
  return `user_${process.pid}_${registered}`
}

export const freshKey = (): string => randomUUID()

/** What somebody says who registers. */
export const newPerson = (username = newUsername()) => ({
  username,
  email: `${username}@example.org`,
  password: PASSWORD,
  first_name: 'Ada',
  last_name: "O'Neill-Smith",
})

export async function newCustomer(url: string, username = newUsername()): Promise<Customer> {
  const send = fetchSend({ url })
  const { user_id: userId } = await call(send, register, { body: newPerson(username) })
  return signedIn(url, { username, userId })
}

/** One after another: a password costs a core for a while. */
export async function newCustomers(url: string, count: number): Promise<readonly Customer[]> {
  const customers: Customer[] = []
  while (customers.length < count) customers.push(await newCustomer(url))
  return customers
}

/** The same customer in a session of its own. */
export async function signedIn(
  url: string,
  who: { username: string; userId: string },
): Promise<Customer> {
  return customerOf(url, who, await signIn(url, { username: who.username, password: PASSWORD }))
}

export function customerOf(
  url: string,
  who: { username: string; userId: string },
  { token, cookie }: SignedIn,
): Customer {
  const send = fetchSend({ url, token: () => token })
  return {
    ...who,
    token,
    cookie,
    send,
    call: (route, input) => call(send, route, input),
    deposit: (amount, key = freshKey()) =>
      call(send, deposit, { body: { amount }, idempotencyKey: key }),
    withdraw: (amount, key = freshKey()) =>
      call(send, withdraw, { body: { amount }, idempotencyKey: key }),
    async order(body, key = freshKey()) {
      return (await call(send, placeOrder, { body, idempotencyKey: key })).data
    },
    raw: (method, path, init = {}) => rawCall(url, method, path, { ...init, token }),
  }
}

export type SignedIn = { readonly token: string; readonly cookie: string }

/** Throws the problem that the sign-in is refused with. */
export async function signIn(
  url: string,
  body: BodyOf<typeof login>,
  headers: Record<string, string> = {},
): Promise<SignedIn> {
  const { method, path } = login
  return sessionIn(await rawCall(url, method, path, { body: JSON.stringify(body), headers }))
}

/** Asks for a new token as a page of the platform does. */
export const askRefresh = (
  url: string,
  cookie: string,
  headers: Record<string, string> = {},
): Promise<RawAnswer> =>
  rawCall(url, refresh.method, refresh.path, { headers: { cookie, ...headers } })

/** The session that a sign-in or a refresh has answered; throws the problem that it answered. */
export function sessionIn(answer: RawAnswer): SignedIn {
  const said = JSON.parse(answer.body)
  if (answer.status >= 400) {
    throw problemFrom(said, answer.headers.get('retry-after') ?? undefined)
  }
  const [cookie = ''] = answer.headers.getSetCookie()[0]?.split(';') ?? []
  return { token: said.access_token, cookie }
}

export type KeyTerms = {
  readonly addresses?: string[]
  readonly expires_at?: string
  readonly password?: string
  /** Where the account has a second factor. */
  readonly code?: string
}

/** An API key of a customer, sent as a token. */
export async function newApiKey(
  customer: Customer,
  scopes: KeyScope[],
  { code, ...terms }: KeyTerms = {},
): Promise<{ readonly keyId: string; readonly secret: string }> {
  const { data } = await customer.call(createApiKey, {
    body: { name: 'a test', scopes, password: PASSWORD, ...terms },
    ...(code === undefined ? {} : { headers: { 'x-second-factor': code } }),
  })
  return { keyId: data.key_id, secret: data.api_key }
}

/** Calls a path under the public base as it is. */
export async function rawCall(
  url: string,
  method: string,
  path: string,
  init: { body?: string; headers?: Record<string, string>; token?: string } = {},
): Promise<RawAnswer> {
  const { body, headers, token } = init
  const answer = await fetch(`${url}${API_BASE}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
  return { status: answer.status, headers: answer.headers, body: await answer.text() }
}

/** The code of the problem that a call is refused with; throws when it is not refused. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  const answer = await work.catch((error: unknown) => {
    if (error instanceof Problem) return error
    throw error
  })
  if (answer instanceof Problem) return answer.code
  throw new Error(`expected a refusal, got ${JSON.stringify(answer)}`)
}
