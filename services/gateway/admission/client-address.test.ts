import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createClientAddress } from './client-address.ts'

function request(peer: string, forwarded?: string): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: peer })
  const made = new IncomingMessage(socket)
  if (forwarded !== undefined) made.headers['x-forwarded-for'] = forwarded
  return made
}

describe('the address of a client', () => {
  test('is the direct peer when no proxy is trusted, whatever it claims', () => {
    const addressOf = createClientAddress([])
    expect(addressOf(request('203.0.113.9', '198.51.100.7'))).toBe('203.0.113.9')
    expect(addressOf(request('::ffff:203.0.113.9'))).toBe('203.0.113.9')
    expect(addressOf(request('fe80::1%eth0'))).toBe('fe80::1')
  })

  const addressOf = createClientAddress(['10.0.0.0/8', '192.0.2.1', '2001:db8:1::/48'])

  test.each([
    ['a stranger is not believed', '203.0.113.9', '198.51.100.7', '203.0.113.9'],
    ['a trusted proxy is believed', '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['a proxy by its one address is believed', '192.0.2.1', '198.51.100.7', '198.51.100.7'],
    ['its neighbour is not', '192.0.2.2', '198.51.100.7', '192.0.2.2'],
    ['an IPv6 proxy is believed', '2001:db8:1::5', '2001:db8:9::1', '2001:db8:9::1'],
    [
      'a proxy on a dual-stack listener is believed',
      '::ffff:10.1.2.3',
      '198.51.100.7',
      '198.51.100.7',
    ],
    [
      'what a client put before it is not believed',
      '10.1.2.3',
      '1.1.1.1, 198.51.100.7',
      '198.51.100.7',
    ],
    [
      'a chain of trusted proxies is followed',
      '10.1.2.3',
      '1.1.1.1,198.51.100.7, 10.9.9.9',
      '198.51.100.7',
    ],
    ['a chain of nothing else ends at its first', '10.1.2.3', '10.4.4.4, 10.9.9.9', '10.4.4.4'],
    ['what is no address ends the chain', '10.1.2.3', 'unknown, 10.9.9.9', '10.9.9.9'],
    ['nothing claimed is nothing', '10.1.2.3', '', '10.1.2.3'],
  ])('%s', (_, peer, forwarded, client) => {
    expect(addressOf(request(peer, forwarded))).toBe(client)
  })
})

test('a proxy without the header is itself', () => {
  expect(createClientAddress(['10.0.0.0/8'])(request('10.1.2.3'))).toBe('10.1.2.3')
})
