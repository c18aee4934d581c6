/**
 * The environment, named once and given meaning once. All faults are reported together, and
 * `.env.example` is printed from the same table. The only file that reads `process.env`.
 */
import { SERVICE_NAMES } from '@cnop/contract/route.ts'
import {
  Expected,
  integer,
  networks,
  oneOf,
  optionalText,
  optionalUrl,
  origin,
  peers,
  secret,
  services,
  text,
  usd,
} from './config-values.ts'

export type Environment = Readonly<Record<string, string | undefined>>

type Variable<T> = {
  readonly name: string
  readonly doc: string
  /** As it would be written in the environment; empty means "not set". */
  readonly fallback: string
  /** Throws `Expected`. */
  readonly read: (text: string) => T
}

const variable = <T>(
  name: string,
  fallback: string,
  read: (value: string) => T,
  doc: string,
): Variable<T> => ({
  name,
  fallback,
  read,
  doc,
})

const VARIABLES = {
  host: variable('HOST', '127.0.0.1', text, 'Address the public door listens on.'),
  gatewayPort: variable('GATEWAY_PORT', '8080', integer(0, 65535), 'Port of the public door.'),
  internalPort: variable(
    'INTERNAL_PORT',
    '9464',
    integer(0, 65535),
    'Port on 127.0.0.1 for /metrics and the operator.',
  ),
  dataDir: variable(
    'DATA_DIR',
    './data',
    text,
    'Folder of the data files and the generated secret.',
  ),
  marketSeed: variable(
    'MARKET_SEED',
    'cnop',
    text,
    'Seed of the simulated market: the same seed gives the same prices.',
  ),
  marketFeed: variable(
    'MARKET_FEED',
    'simulator',
    oneOf('simulator', 'coingecko'),
    'Where prices come from: simulator or coingecko.',
  ),
  coingeckoUrl: variable(
    'COINGECKO_URL',
    '',
    optionalUrl,
    'Address of the CoinGecko API, where it is not the official one.',
  ),
  coingeckoKey: variable(
    'COINGECKO_API_KEY',
    '',
    optionalText,
    'Demo key of CoinGecko; empty means the public limits.',
  ),
  coingeckoPeriodSeconds: variable(
    'COINGECKO_PERIOD_SECONDS',
    '60',
    integer(10, 300),
    'Seconds between two polls of CoinGecko.',
  ),
  logLevel: variable(
    'LOG_LEVEL',
    'warn',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'trace, debug, info, warn, error, fatal or silent.',
  ),
  services: variable(
    'SERVICES',
    '',
    services,
    'Services that run in this process, separated by commas; empty means all.',
  ),
  peers: variable(
    'PEERS',
    '',
    peers,
    'Where the other services are: order=http://127.0.0.1:8002,auth=… .',
  ),
  authPort: variable(
    'AUTH_PORT',
    '8003',
    integer(0, 65535),
    'Port of auth when it runs apart from the gateway.',
  ),
  userPort: variable(
    'USER_PORT',
    '8000',
    integer(0, 65535),
    'Port of user when it runs apart from the gateway.',
  ),
  inventoryPort: variable(
    'INVENTORY_PORT',
    '8001',
    integer(0, 65535),
    'Port of inventory when it runs apart from the gateway.',
  ),
  orderPort: variable(
    'ORDER_PORT',
    '8002',
    integer(0, 65535),
    'Port of order when it runs apart from the gateway.',
  ),
  callerSecret: variable(
    'CALLER_SECRET',
    '',
    secret,
    'Secret that signs callers between services, 32 characters or more; empty in one process: made on first start.',
  ),
  publicUrl: variable(
    'PUBLIC_URL',
    'http://127.0.0.1:8080',
    origin,
    'Address under which people reach the platform; issuer of the tokens.',
  ),
  trustedProxies: variable(
    'TRUSTED_PROXIES',
    '',
    networks,
    'Addresses or networks of proxies whose X-Forwarded-For is believed.',
  ),
  accessTokenMinutes: variable(
    'ACCESS_TOKEN_MINUTES',
    '60',
    integer(1, 60),
    'Life of an access token, in minutes.',
  ),
  rateGateway: variable(
    'RATE_LIMIT_GATEWAY',
    '10000',
    integer(1, 100_000_000),
    'Requests a minute for one caller, all routes together.',
  ),
  rateUser: variable(
    'RATE_LIMIT_USER',
    '5000',
    integer(1, 100_000_000),
    'Requests a minute for one caller to auth and user.',
  ),
  rateInventory: variable(
    'RATE_LIMIT_INVENTORY',
    '7500',
    integer(1, 100_000_000),
    'Requests a minute for one caller to inventory.',
  ),
  rateOrder: variable(
    'RATE_LIMIT_ORDER',
    '3000',
    integer(1, 100_000_000),
    'Requests a minute for one caller to order.',
  ),
  depositPerDay: variable(
    'DEPOSIT_PER_DAY_USD',
    '10000.00',
    usd,
    'Greatest sum of deposits of one customer a UTC day.',
  ),
  withdrawPerDay: variable(
    'WITHDRAW_PER_DAY_USD',
    '5000.00',
    usd,
    'Greatest sum of withdrawals of one customer a UTC day.',
  ),
  orderMax: variable('ORDER_MAX_USD', '10000.00', usd, 'Greatest value of one order.'),
  feeBasisPoints: variable(
    'FEE_BASIS_POINTS',
    '0',
    integer(0, 1000),
    'Fee of an order in hundredths of a percent.',
  ),
  protectionBasisPoints: variable(
    'MARKET_PROTECTION_BASIS_POINTS',
    '100',
    integer(1, 5000),
    'Distance of the suggested worst price from the quote, in hundredths of a percent.',
  ),
  checkAnswers: variable(
    'CHECK_ANSWERS',
    'off',
    oneOf('on', 'off'),
    'on: every answer is checked against its schema, and a misfit is an internal error. For tests.',
  ),
} as const satisfies Record<string, Variable<unknown>>

type Table = typeof VARIABLES
export type Config = { readonly [K in keyof Table]: ReturnType<Table[K]['read']> }

export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`The configuration is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

/** Reads every variable; throws one `ConfigError` that names every fault. */
export function readConfig(environment: Environment = process.env): Config {
  const faults: string[] = []
  const entries = Object.entries(VARIABLES).map(([key, { name, fallback, read }]) => {
    const given = environment[name]?.trim()
    try {
      return [key, read(given === undefined || given === '' ? fallback : given)]
    } catch (error) {
      if (!(error instanceof Expected)) throw error
      faults.push(`${name} must be ${error.message}.`)
      return [key, undefined]
    }
  })
  const config = Object.fromEntries(entries) as Config
  if (faults.length === 0) faults.push(...contradictions(config))
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

/** What is half configured is refused at the start, not at the first request. */
function contradictions(config: Config): string[] {
  const apart = SERVICE_NAMES.filter((name) => !config.services.includes(name))
  const faults: string[] = []
  if (apart.length > 0 && config.callerSecret === undefined) {
    faults.push(
      'CALLER_SECRET must be set, the same everywhere, when services run in several processes.',
    )
  }
  const twice = config.services.filter((name) => config.peers.has(name))
  if (twice.length > 0) {
    faults.push(`PEERS must not name ${twice.join(', ')}: SERVICES has this process run it.`)
  }
  if (config.gatewayPort === config.internalPort && config.gatewayPort !== 0) {
    faults.push('INTERNAL_PORT must be another port than GATEWAY_PORT.')
  }
  return faults
}

/** The text of `.env.example`. */
export function printEnvExample(): string {
  const lines = Object.values(VARIABLES).map(
    ({ name, fallback, doc }) => `# ${doc}\n${name}=${fallback}\n`,
  )
  return `# Every variable, with its default. Read once at start; all faults are reported together.\n\n${lines.join('\n')}`
}
