import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { createRedisLink, RedisAway, type RedisLink } from './redis-link.ts'
import { REDIS_SERVER, type RedisServer, startRedis } from './testing/redis-server.ts'

const PASSWORD = 'a-password-nobody-may-read'
const until = async (fact: () => boolean): Promise<void> => {
  while (!fact()) await pause(5)
}

describe.skipIf(REDIS_SERVER === undefined)('a link to Redis', () => {
  const open: { stop(): Promise<void> }[] = []

  afterEach(async () => {
    for (const thing of open.splice(0).reverse()) await thing.stop()
  })

  async function started(...options: readonly string[]): Promise<RedisServer> {
    const server = await startRedis(...options)
    open.push(server)
    return server
  }

  function linked(url: string) {
    const lines: string[] = []
    const destination = new Writable({
      write(line, _, done) {
        lines.push(String(line))
        done()
      },
    })
    const log = createLog({ level: 'trace', destination })
    const telemetry = createTelemetry({ processMetrics: false })
    const link: RedisLink = createRedisLink({ url, purpose: 'cache', log, telemetry })
    open.push({ stop: () => link.close() })
    return { link, lines, metrics: () => telemetry.registry.metrics() }
  }

  test('says once that Redis was lost, and once that it is back', async () => {
    const server = await started()
    const { link, lines, metrics } = linked(server.url)
    await until(() => link.answering)
    await server.kill()
    await until(() => !link.answering)
    for (let i = 0; i < 100; i += 1)
      await expect(link.ask((c) => c.ping())).rejects.toThrow(RedisAway)
    await pause(1_200)
    expect(lines.filter((line) => line.includes('away'))).toHaveLength(1)
    expect(await metrics()).toContain('redis_up{purpose="cache"} 0')
    await server.start()
    await until(() => link.answering)
    expect(lines).toHaveLength(2)
    expect(lines[1]).toContain('Redis is back')
    expect(await metrics()).toContain('redis_up{purpose="cache"} 1')
    expect(await metrics()).toContain('redis_lost_total{purpose="cache"} 1')
  })

  test('is told a password by its address and never repeats it, right or wrong', async () => {
    const server = await started('--requirepass', PASSWORD)
    const at = (password: string): string => server.url.replace('//', `//:${password}@`)
    const right = linked(`${at(PASSWORD)}/3`)
    await until(() => right.link.answering)
    expect(await right.link.ask((client) => client.set('x', '1'))).toBe('OK')
    const wrong = linked(at(`${PASSWORD}-not`))
    await until(() => wrong.lines.length > 0)
    await pause(1_000)
    expect(wrong.lines).toHaveLength(1)
    expect(wrong.lines[0]).toContain('"reason":"WRONGPASS"')
    expect([...right.lines, ...wrong.lines].join()).not.toContain(PASSWORD)
    expect(await wrong.metrics()).not.toContain(PASSWORD)
  })

  test('speaks TLS with a server whose certificate is trusted, and with no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'redis-tls-'))
    open.push({ stop: () => rm(folder, { recursive: true }) })
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = [
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
    ]
    const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert]
    expect(spawnSync('openssl', ['req', '-x509', ...made, ...subject]).status).toBe(0)
    const probe = await startRedis()
    const tlsPort = new URL(probe.url).port
    await probe.stop()
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert]
    await started('--tls-port', tlsPort, '--tls-auth-clients', 'no', ...files)
    const url = `rediss://localhost:${tlsPort}`
    const strange = linked(url)
    await until(() => strange.lines.length > 0)
    expect(strange.lines[0]).toContain('SELF_SIGNED_CERT')
    const before = getCACertificates('default')
    setDefaultCACertificates([...before, await readFile(cert, 'utf8')])
    const trusted = linked(url)
    await until(() => trusted.link.answering)
    setDefaultCACertificates(before)
  })

  test('gives up a frozen server in time, and closes at once while it is frozen', async () => {
    const server = await started()
    const { link } = linked(server.url)
    await until(() => link.answering)
    server.freeze()
    const startedAt = performance.now()
    await expect(link.ask((client) => client.ping())).rejects.toThrow(RedisAway)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    await link.close()
    expect(performance.now() - startedAt).toBeLessThan(4_000)
    server.thaw()
  })
})
