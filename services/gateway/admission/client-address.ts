/** Who is at the other end of the line: the direct peer, or whom a trusted proxy names. */
import type { IncomingMessage } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import { networksOf } from '@cnop/kit/networks.ts'

/** Each proxy adds its own peer at the end, so the list is read from there as far as it is trusted. */
export type ClientAddressOf = (request: IncomingMessage) => string

/** `trustedProxies` are addresses, or networks such as 10.0.0.0/8. */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddressOf {
  const isTrusted = networksOf(trustedProxies)

  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress ?? '')
    const forwarded = request.headers['x-forwarded-for']
    if (forwarded === undefined || !isTrusted(peer)) return peer
    let client = peer
    for (const hop of String(forwarded).split(',').reverse()) {
      const address = plainAddress(hop.trim())
      if (isIP(address) === 0) return client
      client = address
      if (!isTrusted(address)) return client
    }
    return client
  }
}

/** Without a zone; an IPv4 address that a dual-stack listener shows as IPv6 is itself again. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.split('%', 1)
  return bare.startsWith('::ffff:') && isIPv4(bare.slice(7)) ? bare.slice(7) : bare
}
