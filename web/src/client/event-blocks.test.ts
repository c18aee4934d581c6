import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EventBlock, eventBlocks } from './event-blocks.ts'

async function read(pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<EventBlock[]> {
  const blocks: EventBlock[] = []
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
  for await (const block of eventBlocks(stream)) blocks.push(block)
  return blocks
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

const TOLD = `retry: 2000

event: prices
data: {"as_of":"2026-01-01T00:00:00Z"}

: heartbeat

id: 41
event: orders
data: {"name":"Æther €"}

id: 42

data: one
data: two

`

const HEARD = [
  { event: 'prices', id: undefined, data: '{"as_of":"2026-01-01T00:00:00Z"}' },
  { event: 'orders', id: '41', data: '{"name":"Æther €"}' },
  { event: 'message', id: '42', data: undefined },
  { event: 'message', id: undefined, data: 'one\ntwo' },
]

describe('a stream of events', () => {
  it('is read the same wherever its bytes are cut', async () => {
    const whole = bytes(TOLD)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: whole.length - 1 })), async (cuts) => {
        const edges = [0, ...cuts.sort((left, right) => left - right), whole.length]
        const pieces = edges.slice(1).map((end, index) => whole.slice(edges[index], end))
        expect(await read(pieces)).toEqual(HEARD)
      }),
    )
  })

  it('tells no event that was not whole when the line ended', async () => {
    expect(await read([bytes('id: 7\nevent: orders\ndata: {"half":')])).toEqual([])
  })

  it('reads lines that end as on Windows', async () => {
    expect(await read([bytes('id: 1\r\ndata: x\r\n\r\n')])).toEqual([
      { event: 'message', id: '1', data: 'x' },
    ])
  })
})
