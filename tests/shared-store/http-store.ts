/** A store in another process, as a distant one is: what was sent and not answered is unknown. */
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { faultIn, read, type Said, type StoreCall, withAbsent, written } from './store-wire.ts'

const ANSWER_MS = 20_000

/** `url` ends with the name of the store. */
export function openHttpStore(url: string): Store {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })

  const underWay = new Set<Promise<unknown>>()
  let closed = false

  async function ask(call: StoreCall, args: readonly unknown[]): Promise<unknown> {
    if (closed) throw new StoreFault('unavailable', 'The store is closed')
    const answer = askNow(call, args)
    underWay.add(answer)
    try {
      return await answer
    } finally {
      underWay.delete(answer)
    }
  }

  async function askNow(call: StoreCall, args: readonly unknown[]): Promise<unknown> {
    const said = await send(call, written(args)).catch((cause: unknown) => {
      const code = call === 'transact' ? 'outcome-unknown' : 'unavailable'
      throw new StoreFault(code, 'The store did not answer', { cause })
    })
    if ('answer' in said) return said.answer
    throw 'fault' in said ? faultIn(said.fault) : new TypeError(said.wrong)
  }

  async function send(call: StoreCall, body: string): Promise<Said> {
    const { promise, resolve, reject } = Promise.withResolvers<Said>()
    const asked = request(`${url}/${call}`, { agent, method: 'POST', timeout: ANSWER_MS })
    asked.once('timeout', () => asked.destroy(new Error('late')))
    asked.once('error', reject)
    asked.once('response', (answer) => {
      text(answer).then((said) => resolve(read(said) as Said), reject)
    })
    asked.end(body)
    return promise
  }

  return {
    snapshot: async (keys) => withAbsent(await ask('snapshot', [keys])) as never,
    query: async (pk, range) => (await ask('query', [pk, range])) as never,
    transact: async (ops, options) => void (await ask('transact', [ops, options])),
    changes: async (after, limit) => (await ask('changes', [after, limit])) as never,
    partitions: async (after, limit) => (await ask('partitions', [after, limit])) as never,
    async close() {
      closed = true
      await Promise.allSettled(underWay)
      agent.destroy()
    },
  }
}
