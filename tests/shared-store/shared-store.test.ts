import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { storeConformance } from '@cnop/kit/store/store-conformance.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHttpStore } from './http-store.ts'
import { type StoreServer, serveStores } from './serve-stores.ts'

const now = () => Date.now()
let server: StoreServer
let opened = 0

beforeAll(async () => {
  server = await serveStores(() => createMemoryStore({ now }))
})
afterAll(() => server.close())

const openFresh = async (): Promise<Store> => {
  opened += 1
  return openHttpStore(`${server.url}/store-${opened}`)
}

const shared = storeConformance('shared', openFresh)
const memory = storeConformance('memory', async () => createMemoryStore({ now }))

test('a store in another process answers as one in this', () => {
  expect(Object.fromEntries(shared)).toStrictEqual(Object.fromEntries(memory))
})
