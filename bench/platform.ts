/** The platform under load: started on the server's core, with customers who can trade. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { register } from '@cnop/contract/auth.ts'
import { deposit } from '@cnop/contract/balance.ts'
import { call, fetchSend } from '@cnop/contract/call.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import { login } from '@cnop/contract/session.ts'
import { requestText, SERVER_CPU, type Started, startOn } from './measure.ts'

export type BenchPlatform = Started & {
  readonly dataDir: string
  readonly host: string
  readonly port: number
}

/** Limits are raised, not removed: every check still runs. */
export const RAISED = {
  RATE_LIMIT_GATEWAY: '100000000',
  RATE_LIMIT_USER: '100000000',
  RATE_LIMIT_INVENTORY: '100000000',
  RATE_LIMIT_ORDER: '100000000',
  DEPOSIT_PER_DAY_USD: '100000000.00',
  ACCESS_TOKEN_MINUTES: '60',
  REGISTRATIONS_PER_HOUR: '1000000',
  STREAMS_PER_CUSTOMER: '100000',
  GATEWAY_PORT: '0',
  INTERNAL_PORT: '0',
}

export async function startPlatform(
  env: Readonly<Record<string, string>> = {},
): Promise<BenchPlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cnop-bench-'))
  const started = await startOn(SERVER_CPU, '../services/main.ts', {
    env: { ...RAISED, ...env, DATA_DIR: dataDir },
  })
  const { hostname, port } = new URL(started.url)
  return {
    ...started,
    dataDir,
    host: hostname,
    port: Number(port),
    async stop() {
      await started.stop()
      rmSync(dataDir, { recursive: true })
    },
  }
}

const PASSWORD = 'a benchmark signs in once'
let customers = 0

/** Registers, signs in and deposits; resolves with the token. */
export async function newTrader(
  platform: Pick<BenchPlatform, 'url'>,
  depositUsd = '1000000.00',
): Promise<string> {
  customers += 1
  const username = `bench_${customers}`
  const send = fetchSend({ url: platform.url })
  const person = {
    username,
    email: `${username}@example.org`,
    first_name: 'Bench',
    last_name: 'Mark',
  }
  await call(send, register, { body: { ...person, password: PASSWORD } })
  const { access_token: token } = await call(send, login, {
    body: { username, password: PASSWORD },
  })
  await call(fetchSend({ url: platform.url, token: () => token }), deposit, {
    body: { amount: depositUsd },
  })
  return token
}

export async function newTraders(
  platform: Pick<BenchPlatform, 'url'>,
  count: number,
): Promise<readonly string[]> {
  const tokens: string[] = []
  while (tokens.length < count) {
    const batch = Math.min(4, count - tokens.length)
    tokens.push(...(await Promise.all(Array.from({ length: batch }, () => newTrader(platform)))))
  }
  return tokens
}

/** A market order for two dollars. */
export const orderRequest = (token: string, assetId = 'BTC'): string =>
  requestText({
    method: 'POST',
    path: `${API_BASE}/orders`,
    token,
    idempotent: true,
    body: { order_type: 'market_buy', asset_id: assetId, notional: '2.00' },
  })

export const readRequest = (path: string, token?: string): string =>
  requestText({ method: 'GET', path: `${API_BASE}${path}`, token })
