/** What the text of one variable may say, and what it means. */
import { parseUsd } from '@cnop/contract/money.ts'
import { SERVICE_NAMES, type ServiceName } from '@cnop/contract/route.ts'
import { readSender } from './mail/letter-headers.ts'
import { MailFault } from './mail/mail.ts'
import { isNetwork } from './networks.ts'

/** The message says what is expected, as the end of a sentence. */
export class Expected extends Error {}

const expected = (what: string): never => {
  throw new Expected(what)
}

export const text = (value: string): string => value
export const optionalText = (value: string): string | undefined =>
  value === '' ? undefined : value

export const integer =
  (min: number, max: number) =>
  (value: string): number =>
    /^[0-9]{1,12}$/.test(value) && Number(value) >= min && Number(value) <= max
      ? Number(value)
      : expected(`a whole number from ${min} to ${max}`)

export const oneOf =
  <const T extends string>(...names: readonly T[]) =>
  (value: string): T =>
    names.find((name) => name === value) ?? expected(`one of ${names.join(', ')}`)

/** US dollars to cents. */
export const usd = (value: string): bigint => {
  const cents = parseUsd(value)
  return cents !== undefined && cents > 0n
    ? cents
    : expected('an amount in US dollars such as 10000.00')
}

const list = (value: string): readonly string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

export const networks = (value: string): readonly string[] =>
  list(value).every(isNetwork)
    ? list(value)
    : expected('addresses or networks such as 10.0.0.0/8, separated by commas')

const serviceName = (value: string): ServiceName =>
  SERVICE_NAMES.find((name) => name === value) ??
  expected(`names among ${SERVICE_NAMES.join(', ')}`)

export const services = (value: string): readonly ServiceName[] => {
  if (value === '') return SERVICE_NAMES
  const names = list(value).map(serviceName)
  return names.length > 0 ? names : expected(`names among ${SERVICE_NAMES.join(', ')}`)
}

const httpUrl = (value: string): URL => {
  const url = URL.canParse(value) ? new URL(value) : undefined
  return url?.protocol === 'http:' || url?.protocol === 'https:'
    ? url
    : expected('an http or https address')
}

export const origin = (value: string): string => httpUrl(value).origin
export const origins = (value: string): readonly string[] => [...new Set(list(value).map(origin))]

/** With the user and the password of the mail server, where it asks for them. */
export const smtpUrl = (value: string): string | undefined => {
  if (value === '') return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  return url !== undefined &&
    /^smtps?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    ['', '?tls=optional'].includes(url.search)
    ? value
    : expected('an smtp or smtps address such as smtps://user:password@mail.example.org')
}

export const mailSender = (value: string): string => {
  try {
    readSender(value)
    return value
  } catch (error) {
    if (!(error instanceof MailFault)) throw error
    return expected('a sender such as CNOP <cnop@example.org>')
  }
}

export const optionalUrl = (value: string): string | undefined =>
  value === '' ? undefined : httpUrl(value).href

/** Room is left for the name of a service behind it: a table's name holds 255 characters. */
export const tableName = (value: string): string =>
  /^[A-Za-z0-9_.-]{3,200}$/.test(value)
    ? value
    : expected('3 to 200 letters, digits, dots, hyphens or underscores')

/** The replicas of a service stand behind each other, or its name is repeated. */
export const peers = (value: string): ReadonlyMap<ServiceName, readonly string[]> => {
  const addresses = new Map<ServiceName, readonly string[]>()
  for (const pair of list(value)) {
    const [name = '', replicas = ''] = pair.split(/=(.*)/s)
    const known = addresses.get(serviceName(name)) ?? []
    addresses.set(serviceName(name), [...known, ...replicas.split('|').map(origin)])
  }
  const all = [...addresses.values()].flat()
  return new Set(all).size === all.length ? addresses : expected('addresses that are named once')
}

/** With the user and the password of the server, where it asks for them. */
export const redisUrl = (value: string): string | undefined => {
  if (value === '') return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  const whole = url !== undefined && url.hostname !== '' && url.search + url.hash === ''
  return whole && /^rediss?:$/.test(url.protocol) && /^(\/\d{0,4})?$/.test(url.pathname)
    ? value
    : expected('a redis or rediss address such as rediss://user:password@redis.example.org:6380')
}

export const secret = (value: string): string | undefined =>
  value === '' || value.length >= 32 ? optionalText(value) : expected('at least 32 characters')
