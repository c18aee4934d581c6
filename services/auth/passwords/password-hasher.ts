/**
 * Passwords as argon2id (RFC 9106) in the PHC string format, which carries its own cost: the cost
 * for new passwords can rise, and those stored before are still verified.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { WorkQueue } from './work-queue.ts'

export type PasswordCost = {
  readonly memoryKib: number
  readonly passes: number
  readonly parallelism: number
}

/** What the OWASP Password Storage Cheat Sheet asks for at least. */
export const PASSWORD_COST: PasswordCost = { memoryKib: 19 * 1024, passes: 2, parallelism: 1 }

export type PasswordHasher = {
  /** Throws `too-busy` when too many wait, as `verify` does. */
  hash(password: string): Promise<string>
  verify(password: string, hash: string): Promise<boolean>
  /** Whether a hash costs something else than new ones do. */
  isOutdated(hash: string): boolean
  /** No password has this hash. To verify against it costs what a real one costs. */
  readonly nobodysHash: string
}

const SALT_BYTES = 16
const TAG_BYTES = 32

type Digest = { readonly cost: PasswordCost; readonly salt: Buffer; readonly tag: Buffer }

const argon2Async = promisify(argon2)

export function createPasswordHasher({
  cost,
  queue,
}: {
  cost: PasswordCost
  queue: WorkQueue
}): PasswordHasher {
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES)
      return printDigest({ cost, salt, tag: await queue(() => tagOf(password, { cost, salt })) })
    },
    async verify(password, hash) {
      const digest = parseDigest(hash)
      return timingSafeEqual(await queue(() => tagOf(password, digest)), digest.tag)
    },
    isOutdated: (hash) => printCost(parseDigest(hash).cost) !== printCost(cost),
    nobodysHash: printDigest({ cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) }),
  }
}

/** One text can be typed as several sequences of code points; all of them are one password. */
function tagOf(password: string, { cost, salt }: Omit<Digest, 'tag'>): Promise<Buffer> {
  return argon2Async('argon2id', {
    message: password.normalize('NFC'),
    nonce: salt,
    memory: cost.memoryKib,
    passes: cost.passes,
    parallelism: cost.parallelism,
    tagLength: TAG_BYTES,
  })
}

const printCost = ({ memoryKib, passes, parallelism }: PasswordCost): string =>
  `m=${memoryKib},t=${passes},p=${parallelism}`

const printDigest = ({ cost, salt, tag }: Digest): string =>
  `$argon2id$v=19$${printCost(cost)}$${printBytes(salt)}$${printBytes(tag)}`

/** The format has no padding. */
const printBytes = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

const DIGEST =
  /^\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,10})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{43})$/

function parseDigest(hash: string): Digest {
  const [, memoryKib, passes, parallelism, salt = '', tag = ''] = DIGEST.exec(hash) ?? []
  if (memoryKib === undefined) throw new Error('A stored password hash is not argon2id')
  return {
    cost: {
      memoryKib: Number(memoryKib),
      passes: Number(passes),
      parallelism: Number(parallelism),
    },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}
