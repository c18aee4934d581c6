/** Every variable of the environment: its name, its default, how it is read and what it is for. */
import {
  integer,
  mailSender,
  networks,
  oneOf,
  optionalText,
  optionalUrl,
  origin,
  origins,
  peers,
  secret,
  services,
  smtpUrl,
  text,
  usd,
} from './config-values.ts'

export type Variable<T> = {
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

export const VARIABLES = {
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
    '10',
    integer(1, 60),
    'Life of an access token, in minutes; the refresh cookie renews it.',
  ),
  sessionDays: variable(
    'SESSION_DAYS',
    '30',
    integer(1, 365),
    'Longest life of a session, in days: then the password is asked for again.',
  ),
  sessionIdleDays: variable(
    'SESSION_IDLE_DAYS',
    '7',
    integer(1, 365),
    'A session that was not used for so many days ends.',
  ),
  signingKeyDays: variable(
    'SIGNING_KEY_DAYS',
    '30',
    integer(1, 365),
    'Access tokens are signed with a new key after so many days.',
  ),
  signInFailuresPerAccount: variable(
    'SIGN_IN_FAILURES_PER_ACCOUNT',
    '5',
    integer(1, 1_000_000),
    'Failed sign-ins for one account from one address that block the pair.',
  ),
  signInFailuresPerAddress: variable(
    'SIGN_IN_FAILURES_PER_ADDRESS',
    '100',
    integer(1, 1_000_000),
    'Failed sign-ins from one address that block it.',
  ),
  signInWindowSeconds: variable(
    'SIGN_IN_WINDOW_SECONDS',
    '300',
    integer(1, 86_400),
    'Failures count for so long.',
  ),
  signInBlockSeconds: variable(
    'SIGN_IN_BLOCK_SECONDS',
    '300',
    integer(1, 86_400),
    'Length of the first block; each further one lasts twice as long, up to a day.',
  ),
  registrationsPerAddress: variable(
    'REGISTRATIONS_PER_HOUR',
    '60',
    integer(1, 1_000_000),
    'Attempts an hour to register from one address.',
  ),
  securityLogDays: variable(
    'SECURITY_LOG_DAYS',
    '365',
    integer(1, 3650),
    'The security log keeps what happened for so many days.',
  ),
  smtpUrl: variable(
    'SMTP_URL',
    '',
    smtpUrl,
    'Where mail is handed over: smtps://user:password@mail.example.org, or smtp:// with STARTTLS, which ?tls=optional does without; empty writes it to DATA_DIR/mail.',
  ),
  mailFrom: variable('MAIL_FROM', 'CNOP <cnop@localhost>', mailSender, 'Sender of the mail.'),
  corsOrigins: variable(
    'CORS_ORIGINS',
    '',
    origins,
    'Other origins whose pages may call the API, separated by commas.',
  ),
  concurrentPerCustomer: variable(
    'CONCURRENT_PER_CUSTOMER',
    '128',
    integer(1, 100_000),
    'Requests of one caller that may be under way at once.',
  ),
  streamsPerCustomer: variable(
    'STREAMS_PER_CUSTOMER',
    '50',
    integer(1, 100_000),
    'Event streams that one caller may have open.',
  ),
  requestsAtOnce: variable(
    'REQUESTS_AT_ONCE',
    '2000',
    integer(1, 1_000_000),
    'Requests under way at the door beyond which it sheds load.',
  ),
  breakerFailures: variable(
    'BREAKER_FAILURES',
    '5',
    integer(1, 1000),
    'Failures in a row after which a service is not asked for a while.',
  ),
  breakerOpenSeconds: variable(
    'BREAKER_OPEN_SECONDS',
    '60',
    integer(1, 3600),
    'A service is left alone for so long at most before one request tries it.',
  ),
  breakerSuccesses: variable(
    'BREAKER_SUCCESSES',
    '3',
    integer(1, 1000),
    'Answers in a row after which a service is trusted again.',
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
  redPocketFile: variable(
    'RED_POCKET_FILE',
    '',
    optionalText,
    'File of the phrases that pay a red pocket, as JSON; empty takes services/order/rewards/red-pocket.json, off pays no rewards.',
  ),
  redPocketGuesses: variable(
    'RED_POCKET_GUESSES_PER_HOUR',
    '10',
    integer(1, 1_000_000),
    'Wrong phrases of one customer an hour, after which none is heard for an hour, doubling up to a day.',
  ),
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
