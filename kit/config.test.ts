import { readFileSync } from 'node:fs'
import { SERVICE_NAMES } from '@cnop/contract/route.ts'
import { describe, expect, test } from 'vitest'
import { ConfigError, type Environment, printEnvExample, readConfig } from './config.ts'

const SECRET = 'a secret of the tests, of 32 characters or more'

function faultsOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

/** What `.env.example` says, as a shell would read it. */
function variablesIn(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)))
}

describe('nothing set', () => {
  test('everything runs on this machine alone, on the simulated market', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      gatewayPort: 8080,
      internalPort: 9464,
      dataDir: './data',
      marketFeed: 'simulator',
      marketSeed: 'cnop',
      services: SERVICE_NAMES,
      peers: new Map(),
      callerSecret: undefined,
      trustedProxies: [],
      checkAnswers: 'off',
    })
  })

  test('the limits are those of the published contract', () => {
    expect(readConfig({})).toMatchObject({
      rateGateway: 10_000,
      rateUser: 5_000,
      rateInventory: 7_500,
      rateOrder: 3_000,
      depositPerDay: 10_000_00n,
      withdrawPerDay: 5_000_00n,
      orderMax: 10_000_00n,
      feeBasisPoints: 0,
      accessTokenMinutes: 10,
    })
  })

  test('is the same as everything set to nothing, or to spaces', () => {
    const names = Object.keys(variablesIn(printEnvExample()))
    for (const blank of ['', '  ']) {
      const environment = Object.fromEntries(names.map((name) => [name, blank]))
      expect(readConfig(environment)).toEqual(readConfig({}))
    }
  })

  test('is the same as everything set to what .env.example says', () => {
    expect(readConfig(variablesIn(printEnvExample()))).toEqual(readConfig({}))
  })
})

describe('the example', () => {
  test('on disk is what the table prints', () => {
    const file = new URL('../.env.example', import.meta.url)
    expect(readFileSync(file, 'utf8'), 'node tools/print-env-example.ts').toBe(printEnvExample())
  })

  test('has a sentence for every variable, and every variable once', () => {
    const text = printEnvExample()
    const names = [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(25)
    expect(new Set(names).size).toBe(names.length)
    expect([...text.matchAll(/^# \S.*\.\n[A-Z_]+=/gm)]).toHaveLength(names.length)
  })
})

describe('one variable', () => {
  test.each([
    ['GATEWAY_PORT', '80a', 'a whole number from 0 to 65535'],
    ['GATEWAY_PORT', '65536', 'a whole number from 0 to 65535'],
    ['ORDER_PORT', '-1', 'a whole number from 0 to 65535'],
    ['INTERNAL_PORT', '1e3', 'a whole number from 0 to 65535'],
    ['RATE_LIMIT_ORDER', '0', 'a whole number from 1 to 100000000'],
    ['RATE_LIMIT_ORDER', '9'.repeat(30), 'a whole number from 1 to 100000000'],
    ['ACCESS_TOKEN_MINUTES', '61', 'a whole number from 1 to 60'],
    ['FEE_BASIS_POINTS', '1.5', 'a whole number from 0 to 1000'],
    ['MARKET_FEED', 'binance', 'one of simulator, coingecko'],
    ['LOG_LEVEL', 'INFO', 'one of trace, debug, info, warn, error, fatal, silent'],
    ['CHECK_ANSWERS', 'true', 'one of on, off'],
    ['DEPOSIT_PER_DAY_USD', '0', 'an amount in US dollars such as 10000.00'],
    ['DEPOSIT_PER_DAY_USD', '10.001', 'an amount in US dollars such as 10000.00'],
    ['WITHDRAW_PER_DAY_USD', '-5', 'an amount in US dollars such as 10000.00'],
    ['ORDER_MAX_USD', '10,000', 'an amount in US dollars such as 10000.00'],
    ['CALLER_SECRET', 'x'.repeat(31), 'at least 32 characters'],
    ['PUBLIC_URL', 'example.org', 'an http or https address'],
    ['PUBLIC_URL', 'ftp://example.org', 'an http or https address'],
    ['COINGECKO_URL', 'api.coingecko.com', 'an http or https address'],
    ['SMTP_URL', 'mail.example.org', 'an smtp or smtps address'],
    ['SMTP_URL', 'http://mail.example.org', 'an smtp or smtps address'],
    ['SMTP_URL', 'smtp://mail.example.org?tls=none', 'an smtp or smtps address'],
    ['MAIL_FROM', 'nobody', 'a sender such as CNOP <cnop@example.org>'],
    ['MAIL_FROM', 'a@example.org, b@example.org', 'a sender such as'],
    ['TRUSTED_PROXIES', '10.0.0.0/33', 'addresses or networks such as 10.0.0.0/8'],
    ['TRUSTED_PROXIES', '10.0.0.1, proxy', 'addresses or networks such as 10.0.0.0/8'],
    ['SERVICES', 'order,ledger', 'names among gateway, auth, user, inventory, order'],
    ['SERVICES', ' , ', 'names among gateway, auth, user, inventory, order'],
    ['PEERS', 'order', 'an http or https address'],
    ['PEERS', 'ledger=http://10.0.0.1:8002', 'names among'],
    ['PEERS', 'order=http://10.0.0.1:8002|', 'an http or https address'],
    ['PEERS', 'order=http://10.0.0.1:8002|http://10.0.0.1:8002', 'addresses that are named once'],
    ['PEERS', 'order=http://10.0.0.1:8002,auth=http://10.0.0.1:8002/x', 'addresses that are named'],
    ['REDIS_URL', 'redis.example.org:6379', 'a redis or rediss address'],
    ['REDIS_URL', 'http://redis.example.org', 'a redis or rediss address'],
    ['REDIS_URL', 'redis://redis.example.org/zero', 'a redis or rediss address'],
    ['REDIS_URL', 'redis://redis.example.org?db=0', 'a redis or rediss address'],
  ])('%s=%s is refused with what is expected', (name, text, expected) => {
    const [fault, ...more] = faultsOf({ [name]: text })
    expect(more).toEqual([])
    expect(fault).toContain(`${name} must be ${expected}`)
  })

  test.each([
    ['GATEWAY_PORT', '0', { gatewayPort: 0 }],
    ['GATEWAY_PORT', ' 8081 ', { gatewayPort: 8081 }],
    ['DEPOSIT_PER_DAY_USD', '0.01', { depositPerDay: 1n }],
    ['DEPOSIT_PER_DAY_USD', '25000', { depositPerDay: 25_000_00n }],
    ['PUBLIC_URL', 'https://trade.example.org/', { publicUrl: 'https://trade.example.org' }],
    [
      'COINGECKO_URL',
      'https://pro-api.coingecko.com/api/v3',
      { coingeckoUrl: 'https://pro-api.coingecko.com/api/v3' },
    ],
    ['TRUSTED_PROXIES', '10.0.0.0/8, ::1', { trustedProxies: ['10.0.0.0/8', '::1'] }],
    ['CALLER_SECRET', SECRET, { callerSecret: SECRET }],
    ['MAIL_FROM', 'cnop@example.org', { mailFrom: 'cnop@example.org' }],
    ['SMTP_URL', 'smtps://a:b@mail.example.org', { smtpUrl: 'smtps://a:b@mail.example.org' }],
    ['SMTP_URL', 'smtp://mail:25?tls=optional', { smtpUrl: 'smtp://mail:25?tls=optional' }],
  ])('%s=%s means what it says', (name, text, meant) => {
    expect(readConfig({ [name]: text })).toMatchObject(meant)
  })

  test('a secret that is too short is not repeated in the complaint', () => {
    expect(faultsOf({ CALLER_SECRET: 'hunter2' }).join()).not.toContain('hunter2')
  })
})

describe('several faults', () => {
  const WRONG = {
    GATEWAY_PORT: 'http',
    LOG_LEVEL: 'loud',
    ORDER_MAX_USD: 'much',
    PEERS: 'order',
    CALLER_SECRET: 'short',
  }

  test('are told together, each by its name', () => {
    const names = faultsOf(WRONG).map((fault) => fault.split(' ')[0])
    expect(names.toSorted()).toEqual(Object.keys(WRONG).toSorted())
  })

  test('are one message, a line each', () => {
    const lines = new ConfigError(faultsOf(WRONG)).message.split('\n')
    expect(lines[0]).toBe('The configuration is not usable:')
    expect(lines.slice(1)).toHaveLength(Object.keys(WRONG).length)
    expect(lines.slice(1).every((line) => /^ {2}- [A-Z_]+ must .*\.$/.test(line))).toBe(true)
  })

  test('of a topology are told together too', () => {
    const faults = faultsOf({
      SERVICES: 'gateway,order',
      PEERS: 'order=http://127.0.0.1:8002',
      GATEWAY_PORT: '9464',
    })
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'CALLER_SECRET',
      'PEERS',
      'INTERNAL_PORT',
    ])
  })
})

describe('half a topology', () => {
  const apart = { SERVICES: 'order', PEERS: 'inventory=http://127.0.0.1:8001' }

  test('without the secret that all processes share is refused', () => {
    expect(faultsOf(apart)).toEqual([
      'CALLER_SECRET must be set, the same everywhere, when services run in several processes.',
    ])
    expect(faultsOf({ ...apart, CALLER_SECRET: SECRET })).toEqual([])
  })

  test('in which a service would run here and be asked elsewhere is refused', () => {
    const everythingHere = { PEERS: 'order=http://127.0.0.1:8002', CALLER_SECRET: SECRET }
    expect(faultsOf(everythingHere)).toEqual([
      'PEERS must not name order: SERVICES has this process run it.',
    ])
    expect(faultsOf({ ...everythingHere, SERVICES: 'gateway,auth,user,inventory' })).toEqual([])
  })

  test('in which the public and the operator’s door are one port is refused', () => {
    expect(faultsOf({ GATEWAY_PORT: '9000', INTERNAL_PORT: '9000' })).toEqual([
      'INTERNAL_PORT must be another port than GATEWAY_PORT.',
    ])
    expect(faultsOf({ GATEWAY_PORT: '0', INTERNAL_PORT: '0' })).toEqual([])
  })
})
