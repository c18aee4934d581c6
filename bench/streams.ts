/** What telling the prices to many open streams costs (P7). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { API_BASE } from '@cnop/contract/route.ts'
import { interleaved, listen, type Row, SERVER_CPU, type Started, startOn } from './measure.ts'
import type { BenchOptions } from './options.ts'
import { readRequest, startPlatform } from './platform.ts'

const STREAMS = 2_000
const TICK_MS = 1_000
const PRICES = '/stream?channels=prices'

type Told = { readonly server: Started; readonly request: string; readonly seconds: number }

async function heard({ server, request, seconds }: Told, streams: number) {
  const { hostname: host, port } = new URL(server.url)
  const figures = await listen({ host, port: Number(port), streams, seconds, request }, server)
  if (figures.lost > 0) throw new Error(`${figures.lost} streams ended early`)
  if (figures.bytes === 0) throw new Error('the streams heard nothing')
  return figures
}

/** CPU microseconds to tell one stream a kilobyte, beyond what one listener alone costs. */
async function cpuPerKilobyte(told: Told): Promise<number> {
  const alone = await heard(told, 1)
  const all = await heard(told, STREAMS)
  return ((all.cpuSeconds - alone.cpuSeconds) / (all.bytes / 1024)) * 1e6
}

/** One tick as a stream carries it. */
async function tickBytes(url: string): Promise<string> {
  const answer = await fetch(`${url}${API_BASE}${PRICES}`)
  let text = ''
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString()
    const [frame] = /event: prices\ndata: .*\n\n/.exec(text) ?? []
    if (frame !== undefined) return frame
  }
  throw new Error('no tick was told')
}

export async function benchStreams({ rounds, seconds }: BenchOptions): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cnop-bench-streams-'))
  const platform = await startPlatform()
  try {
    const file = join(folder, 'tick')
    const tick = await tickBytes(platform.url)
    writeFileSync(file, tick)
    const bare = await startOn(SERVER_CPU, './baselines/raw-writes-server.ts', {
      args: [file, String(TICK_MS)],
    })
    const figures = await interleaved(rounds, {
      product: () => cpuPerKilobyte({ server: platform, request: readRequest(PRICES), seconds }),
      baseline: () => cpuPerKilobyte({ server: bare, request: '', seconds }),
    })
    await bare.stop()
    const ticks = (us: number): string => `${((us * tick.length) / 1024).toFixed(1)} us`
    const ratio = 1 / figures.ratio
    return [
      {
        id: 'P7',
        work: `CPU to tell one of ${STREAMS} streams a tick of ${tick.length} bytes`,
        product: ticks(figures.product),
        baseline: `${ticks(figures.baseline)} raw write of the same bytes to ${STREAMS} sockets`,
        ratio,
        toReach: '>= 0.5',
        reached: ratio >= 0.5,
      },
    ]
  } finally {
    await platform.stop()
    rmSync(folder, { recursive: true })
  }
}
