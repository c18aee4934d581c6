/**
 * Which services run here, and how the others are reached. The only file that knows both; the
 * services themselves cannot tell one process from many.
 */
import { fileURLToPath } from 'node:url'
import type { ServiceName } from '@cnop/contract/route.ts'
import type { Bus } from '@cnop/kit/bus/bus.ts'
import { type Config, ConfigError } from '@cnop/kit/config.ts'
import { balanceTransports } from '@cnop/kit/guard/balanced-transport.ts'
import { guardTransport } from '@cnop/kit/guard/guarded-transport.ts'
import { createIds } from '@cnop/kit/ids.ts'
import type { Log } from '@cnop/kit/log.ts'
import type { Service } from '@cnop/kit/service.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { createTelemetry, type Telemetry } from '@cnop/kit/telemetry.ts'
import { localTransport, type Transport } from '@cnop/kit/transport.ts'
import { createAuthService } from './auth/auth-service.ts'
import { callerSecretOf, openDataDir } from './data-dir.ts'
import {
  breakerRulesOf,
  capabilitiesOf,
  historyAllowance,
  modelRulesOf,
  openFeed,
  openMail,
  openModel,
  orderRulesOf,
  redPocketOf,
} from './from-config.ts'
import { createGateway } from './gateway/gateway-service.ts'
import { createInternalListener } from './gateway/internal-listener.ts'
import { readBuiltPages } from './gateway/pages/built-pages.ts'
import { createInsightsService } from './insights/insights-service.ts'
import { loadCatalogue } from './inventory/catalogue.ts'
import { createInventoryService } from './inventory/inventory-service.ts'
import { listenOn, portOf } from './listen.ts'
import { createOrderService } from './order/order-service.ts'
import { openBus, openCache, priceLease } from './shared-state.ts'
import { openStoreOf } from './stores.ts'
import { createUserService } from './user/user-service.ts'

/** Whom each service calls. One is started after those it needs. */
export const CALLS: Readonly<Record<ServiceName, readonly ServiceName[]>> = {
  inventory: [],
  auth: [],
  order: ['inventory'],
  user: ['inventory'],
  insights: ['order', 'inventory'],
  gateway: ['auth', 'user', 'inventory', 'order', 'insights'],
}
const PAGES_FOLDER = fileURLToPath(new URL('../web/dist', import.meta.url))
const START_ORDER = Object.keys(CALLS) as readonly ServiceName[]

export type Platform = {
  /** Of what listens here. */
  readonly urls: ReadonlyMap<ServiceName, string>
  readonly transports: ReadonlyMap<ServiceName, Transport>
  readonly stores: ReadonlyMap<ServiceName, Store>
  readonly callerSecret: string
  readonly readyLine: string
  /** Finishes what is in flight, the door first, and lets go of the files. */
  close(): Promise<void>
}

export type PlatformParts = {
  readonly config: Config
  readonly log: Log
  /** The disk failed: nobody knows what it holds. Must end the process. */
  readonly onFatal: (error: Error) => void
  /** A store that other processes have, too; absent: what the configuration says. */
  readonly openStore?: (name: ServiceName) => Promise<Store>
}

type Site = PlatformParts & {
  readonly dataDir: string
  readonly callerSecret: string
  readonly telemetry: Telemetry
  readonly transports: Map<ServiceName, Transport>
  readonly stores: Map<ServiceName, Store>
  readonly buses: Map<ServiceName, Bus>
  readonly urls: Map<ServiceName, string>
  /** Undone in the opposite order. */
  readonly closers: (() => Promise<void>)[]
}

export async function startPlatform(parts: PlatformParts): Promise<Platform> {
  const { config } = parts
  refuseMissingPeers(config)
  const dataDir = openDataDir(config.dataDir)
  const site: Site = {
    ...parts,
    dataDir,
    callerSecret: callerSecretOf(dataDir, config.callerSecret),
    telemetry: createTelemetry({ processMetrics: true }),
    transports: new Map(),
    stores: new Map(),
    buses: new Map(),
    urls: new Map(),
    closers: [],
  }
  const close = async (): Promise<void> => {
    for (const closer of site.closers.splice(0).reverse()) await closer()
  }
  try {
    for (const [name, urls] of config.peers) await reachPeers(site, name, urls)
    for (const name of START_ORDER)
      if (config.services.includes(name)) await startService(site, name)
    return { ...site, readyLine: readyLineOf(site), close }
  } catch (error) {
    await close()
    throw error
  }
}

function refuseMissingPeers({ services, peers }: Config): void {
  const needed = new Set(services.flatMap((name) => CALLS[name]))
  const missing = [...needed].filter((name) => !services.includes(name) && !peers.has(name))
  if (missing.length > 0) {
    throw new ConfigError([
      `PEERS must say where ${missing.join(', ')} can be reached, or SERVICES must run them.`,
    ])
  }
}

/** Replicas are chosen among by whoever calls them, each behind a breaker of its own. */
async function reachPeers(site: Site, peer: ServiceName, urls: readonly string[]): Promise<void> {
  const { config, telemetry } = site
  // In one process there is nobody to reach, and the client of HTTP is not loaded.
  const { httpTransport } = await import('@cnop/kit/http-transport.ts')
  const [caller = 'gateway'] = config.services.filter((name) => CALLS[name].includes(peer))
  const transports = urls.map((url) => httpTransport(url))
  for (const transport of transports) site.closers.push(() => transport.close())
  if (transports.length === 1) return void site.transports.set(peer, transports[0] as Transport)
  const guard = {
    service: caller,
    rules: breakerRulesOf(config),
    telemetry,
    now: Date.now,
    chance: Math.random,
  }
  const replicas = transports.map((transport, i) => ({
    address: urls[i] as string,
    transport: guardTransport(transport, peer, { ...guard, replica: i + 1 }),
  }))
  reach(site, peer, balanceTransports(replicas))
}

function reach(site: Site, name: ServiceName, transport: Transport): void {
  site.transports.set(name, transport)
  site.closers.push(() => transport.close())
}

async function startService(site: Site, name: ServiceName): Promise<void> {
  const service = await createNamed(site, name)
  site.closers.push(() => service.close())
  if (!site.transports.has(name)) reach(site, name, localTransport(service))
  const { config } = site
  if (name === 'gateway') {
    await listen(site, service, { name, host: config.host, port: portOf(config, name) })
    await startInternalListener(site)
  } else if (!config.services.includes('gateway')) {
    await listen(site, service, { name, host: config.host, port: portOf(config, name) })
  }
}

async function createNamed(site: Site, name: ServiceName): Promise<Service> {
  const { config, callerSecret, telemetry } = site
  const now = Date.now
  const common = {
    callerSecret,
    telemetry,
    transports: new Map([...site.transports].filter(([peer]) => CALLS[name].includes(peer))),
    now,
    log: site.log.child({ service: name }),
    newId: createIds(now),
    checkAnswers: config.checkAnswers === 'on',
  }
  switch (name) {
    case 'auth':
      return createAuthService({
        ...common,
        store: await openStore(site, name),
        cache: closed(site, await openCache(site)),
        mail: await openMail(config, site.dataDir),
        rules: config,
        publicUrl: config.publicUrl,
      })
    case 'user':
      return createUserService({ ...common, store: await openStore(site, name) })
    case 'inventory': {
      const catalogue = loadCatalogue()
      const feed = await openFeed(config, catalogue)
      const store = await openStore(site, name)
      return createInventoryService({
        ...common,
        store,
        lease: isShared(site) ? priceLease(store) : undefined,
        catalogue,
        feed,
        bus: await busOf(site, name),
        ...historyAllowance(config),
      })
    }
    case 'order': {
      const redPocket = redPocketOf(config)
      return createOrderService({
        ...common,
        store: await openStore(site, name),
        bus: await busOf(site, name),
        rules: orderRulesOf(config),
        sweepsExpired: config.store === 'sqlite',
        rewards: redPocket && {
          redPocket,
          cache: closed(site, await openCache(site)),
          guessesPerHour: config.redPocketGuesses,
        },
      })
    }
    case 'insights':
      return createInsightsService({
        ...common,
        cache: closed(site, await openCache(site)),
        model: await openModel(config),
        fallsBack: config.modelFallback === 'on',
        rules: modelRulesOf(config),
      })
    case 'gateway':
      return createGateway({
        ...common,
        cache: closed(site, await openCache(site)),
        bus: await busOf(site, name),
        limits: {
          gateway: config.rateGateway,
          user: config.rateUser,
          inventory: config.rateInventory,
          order: config.rateOrder,
        },
        atOnce: {
          requests: config.requestsAtOnce,
          requestsPerParty: config.concurrentPerCustomer,
          streamsPerParty: config.streamsPerCustomer,
        },
        breaker: breakerRulesOf(config),
        trustedProxies: config.trustedProxies,
        publicUrl: config.publicUrl,
        corsOrigins: config.corsOrigins,
        capabilities: capabilitiesOf(config),
        chance: Math.random,
        pages: readBuiltPages(PAGES_FOLDER),
      })
  }
}

/** In the end, after what uses it. */
function closed<Part extends { close(): Promise<void> }>(site: Site, part: Part): Part {
  site.closers.push(() => part.close())
  return part
}

/** The replicas of a service are on one, and so is everything of it in this process. */
async function busOf(site: Site, name: ServiceName): Promise<Bus> {
  const bus = site.buses.get(name) ?? closed(site, await openBus(site, name))
  site.buses.set(name, bus)
  return bus
}

/** Whether other processes may write what this one does. */
const isShared = ({ config, openStore: given }: Site): boolean =>
  given !== undefined || config.store === 'dynamodb'

async function openStore(site: Site, name: ServiceName): Promise<Store> {
  const store = await (site.openStore?.(name) ?? openStoreOf(name, site))
  site.stores.set(name, store)
  site.closers.push(() => store.close())
  return store
}

async function listen(
  site: Site,
  { app }: Pick<Service, 'app'>,
  at: { name: ServiceName; host: string; port: number },
): Promise<void> {
  site.urls.set(at.name, await listenOn(app, at))
}

/** Metrics and the operator's routes, for this machine only. */
async function startInternalListener(site: Site): Promise<void> {
  const { config, log, telemetry, transports, callerSecret } = site
  const listener = await createInternalListener({
    transports,
    callerSecret,
    bus: await busOf(site, 'gateway'),
    telemetry,
    log,
    now: Date.now,
  })
  site.closers.push(() => listener.close())
  await listenOn(listener.app, { host: '127.0.0.1', port: config.internalPort })
}

function readyLineOf({ urls }: Site): string {
  const door = urls.get('gateway')
  if (door !== undefined) return `CNOP is ready on ${door}`
  return [...urls].map(([name, url]) => `CNOP ${name} is ready on ${url}`).join('\n')
}
