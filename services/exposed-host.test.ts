import { ConfigError } from '@cnop/kit/config.ts'
import { expect, test } from 'vitest'
import { plainHttpWarning, refuseExposedDemo } from './exposed-host.ts'

const HTTP = 'http://trade.example.org'
const HTTPS = 'https://trade.example.org'
const INSIDE = ['127.0.0.1', '127.8.9.10', '::1', 'localhost']
const OUTSIDE = ['0.0.0.0', '::', '192.0.2.7', 'trade.example.org', 'localhost.example.org']

test.each(INSIDE)('a platform at %s may have a demo, and needs no TLS', (host) => {
  expect(() => refuseExposedDemo({ host })).not.toThrow()
  expect(plainHttpWarning({ host, publicUrl: HTTP })).toBeUndefined()
})

test.each(OUTSIDE)('a platform at %s has no demo, and warns of plain http', (host) => {
  expect(() => refuseExposedDemo({ host })).toThrow(ConfigError)
  expect(() => refuseExposedDemo({ host })).toThrow(/--demo .*HOST/)
  expect(plainHttpWarning({ host, publicUrl: HTTP })).toMatch(/PUBLIC_URL/)
  expect(plainHttpWarning({ host, publicUrl: HTTPS })).toBeUndefined()
})
