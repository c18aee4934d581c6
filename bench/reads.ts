/** Public reads against nginx (P4), and what the door costs (P5). */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { API_BASE } from '@cnop/contract/route.ts'
import {
  cpuSecondsOf,
  ended,
  interleaved,
  load,
  type Row,
  requestText,
  SERVER_CPU,
  type Started,
  startOn,
} from './measure.ts'
import { type BenchOptions, notRun } from './options.ts'
import { type BenchPlatform, readRequest, startPlatform } from './platform.ts'

const CONNECTIONS = 64
const NGINX = '/usr/sbin/nginx'
const RELAYED = requestText({ method: 'GET', path: '/relayed' })
const GET_BYTES = requestText({ method: 'GET', path: '/bytes' })

type Target = { readonly host: string; readonly port: number }

const targetOf = (url: string): Target => ({
  host: new URL(url).hostname,
  port: Number(new URL(url).port),
})

async function readsPerSecond(target: Target, request: string, seconds: number): Promise<number> {
  const figures = await load({
    host: target.host,
    port: target.port,
    connections: CONNECTIONS,
    seconds,
    requests: [request],
  })
  if (figures.statuses['200'] !== figures.answers)
    throw new Error(`refused: ${JSON.stringify(figures.statuses)}`)
  return figures.perSecond
}

export async function benchReads(options: BenchOptions): Promise<readonly Row[]> {
  const platform = await startPlatform()
  const folder = mkdtempSync(join(tmpdir(), 'cnop-bench-reads-'))
  try {
    return [
      await publicRead(platform, folder, {
        ...options,
        id: 'P4a',
        work: 'list of 100 assets',
        path: '/inventory/assets?limit=100',
      }),
      await publicRead(platform, folder, {
        ...options,
        id: 'P4b',
        work: 'one asset',
        path: '/inventory/assets/BTC',
      }),
      await doorCost(platform, folder, options),
    ]
  } finally {
    await platform.stop()
    rmSync(folder, { recursive: true })
  }
}

async function answerFile(platform: BenchPlatform, folder: string, path: string): Promise<string> {
  const file = join(folder, 'answer.json')
  const answer = await fetch(`${platform.url}${API_BASE}${path}`)
  writeFileSync(file, Buffer.from(await answer.arrayBuffer()))
  return file
}

async function publicRead(
  platform: BenchPlatform,
  folder: string,
  read: BenchOptions & { id: string; work: string; path: string },
): Promise<Row> {
  if (!existsSync(NGINX)) return notRun(read.id, read.work, 'nginx is not installed here')
  const bytes = await startOn(SERVER_CPU, './baselines/bytes-server.ts', {
    args: [await answerFile(platform, folder, read.path)],
  })
  const nginx = await startNginx(folder, bytes)
  try {
    const figures = await interleaved(read.rounds, {
      product: () => readsPerSecond(platform, readRequest(read.path), read.seconds),
      baseline: () => readsPerSecond(nginx, GET_BYTES, read.seconds),
    })
    return {
      id: read.id,
      work: `${read.work} through the door`,
      product: `${Math.round(figures.product)}/s`,
      baseline: `${Math.round(figures.baseline)}/s nginx before a bare Fastify route`,
      ratio: figures.ratio,
      toReach: '>= 0.5',
      reached: figures.ratio >= 0.5,
    }
  } finally {
    await nginx.stop()
    await bytes.stop()
  }
}

const NGINX_PORT = 18_088

async function startNginx(
  folder: string,
  bytes: Started,
): Promise<Target & { stop(): Promise<void> }> {
  const config = join(folder, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  upstream app { server ${new URL(bytes.url).host}; keepalive 64; }
  server {
    listen 127.0.0.1:${NGINX_PORT};
    keepalive_requests 100000000;
    location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`,
  )
  const child = spawn('taskset', ['-c', String(SERVER_CPU), NGINX, '-c', config], {
    stdio: 'ignore',
  })
  const target = { host: '127.0.0.1', port: NGINX_PORT }
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const answer = await fetch(`http://${target.host}:${target.port}/bytes`).catch(() => undefined)
    if (answer?.ok) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { ...target, stop: () => ended(child) }
}

/** CPU microseconds a call, of the process that answers. */
async function cpuPerCall(server: Started, request: string, seconds: number): Promise<number> {
  const before = cpuSecondsOf(server.pid)
  const figures = await load({
    ...targetOf(server.url),
    connections: CONNECTIONS,
    seconds,
    requests: [request],
  })
  return ((cpuSecondsOf(server.pid) - before) / figures.answers) * 1e6
}

/** The cheapest forwarded route, so that what is left over is the door. */
const CHEAP_PATH = '/auth/jwks'

async function doorCost(
  platform: BenchPlatform,
  folder: string,
  options: BenchOptions,
): Promise<Row> {
  const file = await answerFile(platform, folder, CHEAP_PATH)
  const bare = await startOn(SERVER_CPU, './baselines/bytes-server.ts', { args: [file] })
  const relay = await startOn(SERVER_CPU, './baselines/bytes-server.ts', {
    args: [file, '0', bare.url],
  })
  const direct = () => cpuPerCall(bare, GET_BYTES, options.seconds)
  try {
    const figures = await interleaved(options.rounds, {
      product: async () =>
        (await cpuPerCall(platform, readRequest(CHEAP_PATH), options.seconds)) - (await direct()),
      baseline: async () => (await cpuPerCall(relay, RELAYED, options.seconds)) - (await direct()),
    })
    return {
      id: 'P5',
      work: 'CPU of the door a call, beyond a bare route',
      product: `${Math.round(figures.product)} us`,
      baseline: `${Math.round(figures.baseline)} us loopback fetch between two bare Fastify apps`,
      ratio: figures.ratio,
      toReach: '<= 1.0',
      reached: figures.ratio <= 1,
    }
  } finally {
    await relay.stop()
    await bare.stop()
  }
}
