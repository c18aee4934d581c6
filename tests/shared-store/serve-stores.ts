/** One process that has the stores of all services, for others to share: a file each. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Store } from '@cnop/kit/store/store.ts'
import { read, type Said, STORE_CALLS, type StoreCall, saidOf, written } from './store-wire.ts'

export type StoreServer = { readonly url: string; close(): Promise<void> }

export async function serveStores(open: (name: string) => Store): Promise<StoreServer> {
  const stores = new Map<string, Store>()
  const storeOf = (name: string): Store => {
    const store = stores.get(name) ?? open(name)
    stores.set(name, store)
    return store
  }
  const answer = async (path: string, body: string): Promise<Said> => {
    const [, name = '', call = ''] = path.split('/')
    try {
      if (!STORE_CALLS.includes(call as StoreCall)) throw new Error(`There is no call ${call}`)
      const run = storeOf(name)[call as StoreCall] as (...args: unknown[]) => Promise<unknown>
      return { answer: await run(...(read(body) as unknown[])) }
    } catch (error) {
      return saidOf(error)
    }
  }
  const server = createServer((request, reply) => {
    text(request)
      .then((body) => answer(request.url ?? '', body))
      .then(
        (said) => reply.end(written(said)),
        () => reply.destroy(),
      )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      for (const store of stores.values()) await store.close()
    },
  }
}
