/**
 * The environment, named once and given meaning once. All faults are reported together, and
 * `.env.example` is printed from the same table. The only file that reads `process.env`.
 */
import { SERVICE_NAMES } from '@cnop/contract/route.ts'
import { Expected } from './config-values.ts'
import { VARIABLES } from './config-variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>

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
  faults.push(...contradictionsOfTables(config, apart.length > 0))
  const twice = config.services.filter((name) => config.peers.has(name))
  if (twice.length > 0) {
    faults.push(`PEERS must not name ${twice.join(', ')}: SERVICES has this process run it.`)
  }
  if (config.geminiKey !== undefined && config.modelUrl !== undefined) {
    faults.push('MODEL_URL must not be set beside GOOGLE_GEMINI_API_KEY: one model writes.')
  }
  if ((config.modelUrl === undefined) !== (config.modelName === undefined)) {
    faults.push('MODEL_URL and MODEL_NAME must be set together.')
  }
  if (config.modelKey !== undefined && config.modelUrl === undefined) {
    faults.push('MODEL_API_KEY must come with the MODEL_URL that it is for.')
  }
  if (config.gatewayPort === config.internalPort && config.gatewayPort !== 0) {
    faults.push('INTERNAL_PORT must be another port than GATEWAY_PORT.')
  }
  return faults
}

/** Where services run apart, the missing secret is told of already. */
function contradictionsOfTables(config: Config, apart: boolean): string[] {
  if (config.store !== 'dynamodb') return []
  const region = 'DYNAMODB_REGION must be set when STORE is dynamodb.'
  const secret =
    'CALLER_SECRET must be set, the same everywhere, when STORE is dynamodb: other processes read what this one seals.'
  return [
    ...(config.dynamodbRegion === undefined ? [region] : []),
    ...(config.callerSecret === undefined && !apart ? [secret] : []),
  ]
}

/** The text of `.env.example`. */
export function printEnvExample(): string {
  const lines = Object.values(VARIABLES).map(
    ({ name, fallback, doc }) => `# ${doc}\n${name}=${fallback}\n`,
  )
  return `# Every variable, with its default. Read once at start; all faults are reported together.\n\n${lines.join('\n')}`
}
