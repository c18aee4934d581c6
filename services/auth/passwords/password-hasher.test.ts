import { describe, expect, it } from 'vitest'
import { createPasswordHasher, PASSWORD_COST } from './password-hasher.ts'

const CHEAP = { memoryKib: 8, passes: 1, parallelism: 1 }

const hasherOf = (cost = CHEAP) => createPasswordHasher({ cost, queue: (work) => work() })

describe('a password hash', () => {
  it('verifies its password and no other', async () => {
    const hasher = hasherOf()
    const hash = await hasher.hash('correct horse battery')
    expect(await hasher.verify('correct horse battery', hash)).toBe(true)
    expect(await hasher.verify('correct horse batterz', hash)).toBe(false)
    expect(await hasher.verify('', hash)).toBe(false)
  })

  it('of one password is another one each time', async () => {
    const hasher = hasherOf()
    expect(await hasher.hash('correct horse battery')).not.toBe(
      await hasher.hash('correct horse battery'),
    )
  })

  it('is the same password however its accents were typed', async () => {
    const hasher = hasherOf()
    const hash = await hasher.hash('pâté de canard'.normalize('NFD'))
    expect(await hasher.verify('pâté de canard'.normalize('NFC'), hash)).toBe(true)
  })

  it('costs in production what OWASP asks for', async () => {
    const hasher = hasherOf(PASSWORD_COST)
    const hash = await hasher.hash('correct horse battery')
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$/)
    expect(await hasher.verify('correct horse battery', hash)).toBe(true)
  })

  it('of the reference implementation verifies too', async () => {
    const reference =
      '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    expect(await hasherOf().verify('password', reference)).toBe(true)
    expect(await hasherOf().verify('passwore', reference)).toBe(false)
  })

  it('of another cost still verifies, and is known to be outdated', async () => {
    const hash = await hasherOf().hash('correct horse battery')
    const dearer = hasherOf({ ...CHEAP, passes: 2 })
    expect(await dearer.verify('correct horse battery', hash)).toBe(true)
    expect(dearer.isOutdated(hash)).toBe(true)
    expect(hasherOf().isOutdated(hash)).toBe(false)
  })

  it('of nobody fits no password and costs what a real one costs', async () => {
    const hasher = hasherOf()
    expect(await hasher.verify('correct horse battery', hasher.nobodysHash)).toBe(false)
    expect(hasher.isOutdated(hasher.nobodysHash)).toBe(false)
  })

  it('that is no argon2id hash is a defect, not a wrong password', async () => {
    await expect(hasherOf().verify('anything at all', 'plain text')).rejects.toThrow('not argon2id')
  })
})
