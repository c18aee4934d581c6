/** Memory and start (P9), and what a long past costs (P11). */

import { call, fetchSend, type Send } from '@cnop/contract/call.ts'
import { listAssets } from '@cnop/contract/inventory.ts'
import { listOrders, placeOrder } from '@cnop/contract/order.ts'
import { interleaved, load, median, type Row, residentMegabytesOf } from './measure.ts'
import type { BenchOptions } from './options.ts'
import {
  type BenchPlatform,
  newTrader,
  orderRequest,
  readRequest,
  startPlatform,
} from './platform.ts'

const PAST_SECONDS_MAX = 300
const PAGES_DEEP = 1_000

export async function benchGrowth(options: BenchOptions): Promise<readonly Row[]> {
  const startMs = await startTimes(options.rounds)
  const platform = await startPlatform()
  try {
    const fresh = residentMegabytesOf(platform.pid)
    const veteran = await newTrader(platform)
    const assets = await call(fetchSend({ url: platform.url }), listAssets, {
      query: { limit: 100 },
    })
    const requests = assets.data.map(({ asset_id }) => orderRequest(veteran, asset_id))
    const past = await load({
      ...platform,
      connections: 64,
      seconds: PAST_SECONDS_MAX,
      requests,
      answersMax: options.pastOrders,
    })
    const grown = residentMegabytesOf(platform.pid)
    return [
      reported({
        id: 'P9a',
        work: 'resident memory after start',
        measured: fresh,
        most: 180,
        unit: 'MB',
      }),
      reported({
        id: 'P9b',
        work: `resident memory after ${past.answers} orders`,
        measured: grown,
        most: 250,
        unit: 'MB',
      }),
      reported({
        id: 'P9c',
        work: 'from process start to the first 200',
        measured: startMs,
        most: 2_000,
        unit: 'ms',
      }),
      await orderCost(platform, veteran, { ...options, past: past.answers }),
      await pageCost(platform, veteran, options),
    ]
  } finally {
    await platform.stop()
  }
}

type Absolute = { id: string; work: string; measured: number; most: number; unit: string }

const reported = ({ id, work, measured, most, unit }: Absolute): Row => ({
  id,
  work,
  product: `${Math.round(measured)} ${unit}`,
  baseline: 'absolute, reported',
  ratio: undefined,
  toReach: `<= ${most} ${unit}`,
  reached: measured <= most,
})

async function startTimes(rounds: number): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now()
    const platform = await startPlatform()
    const answer = await fetch(`${platform.url}/health`)
    if (answer.status !== 200) throw new Error(`not healthy: ${answer.status}`)
    times.push(performance.now() - startedAt)
    await platform.stop()
  }
  return median(times)
}

/** Median milliseconds of one order after the other. */
async function orderMs(platform: BenchPlatform, token: string): Promise<number> {
  const figures = await load({
    ...platform,
    connections: 1,
    seconds: 3,
    requests: [orderRequest(token)],
  })
  return figures.p50Ms
}

async function orderCost(
  platform: BenchPlatform,
  veteran: string,
  options: BenchOptions & { past: number },
): Promise<Row> {
  const newcomer = await newTrader(platform)
  const figures = await interleaved(options.rounds, {
    product: () => orderMs(platform, veteran),
    baseline: () => orderMs(platform, newcomer),
  })
  return {
    id: 'P11a',
    work: `an order after ${options.past} orders in 100 assets`,
    product: `${figures.product.toFixed(2)} ms`,
    baseline: `${figures.baseline.toFixed(2)} ms for a new customer`,
    ratio: figures.ratio,
    toReach: '<= 1.2',
    reached: figures.ratio <= 1.2,
  }
}

async function deepCursor(send: Send): Promise<string> {
  let cursor: string | undefined
  for (let page = 1; page < PAGES_DEEP; page += 1) {
    const { next_cursor } = await call(send, listOrders, {
      query: { limit: 100, ...(cursor === undefined ? {} : { cursor }) },
    })
    if (next_cursor === undefined) break
    cursor = next_cursor
  }
  if (cursor === undefined) throw new Error(`${placeOrder.path} gave no second page`)
  return cursor
}

async function pageCost(
  platform: BenchPlatform,
  veteran: string,
  options: BenchOptions,
): Promise<Row> {
  const cursor = await deepCursor(fetchSend({ url: platform.url, token: () => veteran }))
  const pageMs = async (path: string): Promise<number> =>
    (
      await load({
        ...platform,
        connections: 1,
        seconds: 3,
        requests: [readRequest(path, veteran)],
      })
    ).p50Ms
  const figures = await interleaved(options.rounds, {
    product: () => pageMs(`/orders?limit=50&cursor=${cursor}`),
    baseline: () => pageMs('/orders?limit=50'),
  })
  return {
    id: 'P11b',
    work: `page ${PAGES_DEEP} of the orders`,
    product: `${figures.product.toFixed(2)} ms`,
    baseline: `${figures.baseline.toFixed(2)} ms page 1`,
    ratio: figures.ratio,
    toReach: '<= 1.2',
    reached: figures.ratio <= 1.2,
  }
}
