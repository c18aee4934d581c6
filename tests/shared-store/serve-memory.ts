/** A process that has the stores of all services in its memory, for others to share. */
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { serveStores } from './serve-stores.ts'

const server = await serveStores(() => createMemoryStore({ now: Date.now }))
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)))
process.stdout.write(`ready on ${server.url}\n`)
