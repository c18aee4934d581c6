/** One command starts two of each; customers trade at both doors, and a signal ends every process. */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { getBalance } from '@cnop/contract/balance.ts'
import { verifyLedger } from '@cnop/contract/portfolio.ts'
import { REDIS_SERVER } from '@cnop/kit/redis/testing/redis-server.ts'
import { dynamodbLocalLacks } from '@cnop/kit/store/testing/dynamodb-local.ts'
import { describe, expect, it } from 'vitest'
import { customerOf, newCustomer } from '../customers.ts'
import { end, freePort, startProcess, temporaryDataDir } from '../topologies.ts'

const START_SCALE = fileURLToPath(new URL('../../tools/start-scale.ts', import.meta.url))
const lacks = REDIS_SERVER === undefined || dynamodbLocalLacks() !== undefined
const PROCESSES = 9
/** Nine processes, two servers and perhaps the pages begin on one machine. */
const READY_MS_MAX = 300_000
const END_MS_MAX = 60_000

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const isReached = async (url: string): Promise<boolean> => {
  const { hostname: host, port } = new URL(url)
  const socket = connect({ host, port: Number(port) })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

describe.skipIf(lacks)('npm run start:scale', () => {
  it('leaves no process behind when it is killed itself', async () => {
    const dataDir = await temporaryDataDir()
    const scale = await startProcess(
      {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        DATA_DIR: dataDir,
        GATEWAY_PORT: '0',
        INTERNAL_PORT: '0',
        LOG_LEVEL: 'fatal',
      },
      { main: START_SCALE, readyMsMax: READY_MS_MAX },
    )
    const said = scale.said.join('')
    const pids = [...said.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid))
    const servers = [...said.matchAll(/^(?:redis|dynamodb) \| (\S+)/gm)].map(([, url = '']) => url)
    expect([pids.length, servers.length]).toEqual([PROCESSES, 2])
    await end(scale.child, 'SIGKILL')
    const left = async () => [
      ...pids.filter(lives),
      ...(await Promise.all(servers.map(isReached))).filter((reached) => reached),
    ]
    await expect.poll(left, { timeout: END_MS_MAX, interval: 200 }).toEqual([])
    await rm(dataDir, { recursive: true })
  }, 400_000)

  it('is two doors to the same money, and a signal ends every process', async () => {
    const dataDir = await temporaryDataDir()
    const port = await freePort()
    const internalPort = await freePort()
    const scale = await startProcess(
      {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        DATA_DIR: dataDir,
        GATEWAY_PORT: String(port),
        INTERNAL_PORT: String(internalPort),
        LOG_LEVEL: 'error',
      },
      { main: START_SCALE, readyMsMax: READY_MS_MAX },
    )
    const pids = [...scale.said.join('').matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid))
    try {
      expect(pids).toHaveLength(PROCESSES)
      const customer = await newCustomer(scale.url)
      const besides = customerOf(`http://127.0.0.1:${port + 1}`, customer, customer)
      await customer.deposit('100')
      await besides.deposit('50')
      await besides.order({ order_type: 'market_buy', asset_id: 'ETH', notional: '20' })
      await customer.order({ order_type: 'market_buy', asset_id: 'ETH', notional: '30' })
      for (const door of [customer, besides]) {
        expect((await door.call(getBalance, {})).current_balance).toBe('100.00')
        expect((await door.call(verifyLedger, {})).data.ok).toBe(true)
      }
    } finally {
      const late = setTimeout(() => scale.child.kill('SIGKILL'), END_MS_MAX)
      const ended = once(scale.child, 'exit')
      scale.child.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
      clearTimeout(late)
      await rm(dataDir, { recursive: true })
    }
    expect(pids.filter(lives)).toEqual([])
  }, 400_000)
})
