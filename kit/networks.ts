/** Addresses and networks: written as 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32. */
import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net'

/** A zone such as `%eth0` means something on one machine only. */
export function isNetwork(text: string): boolean {
  const [address = '', bits] = text.split(/\/(.*)/s)
  const family = isIP(address)
  if (family === 0 || address.includes('%')) return false
  return (
    bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  )
}

/** An IPv4 address written as IPv6 (RFC 4291, section 2.5.5.2), as a socket for both reports it. */
const MAPPED = '::ffff:'
const MAPPED_BITS = 96

/**
 * The one spelling of a network that `isNetwork` accepts: the shortest, in lower case, IPv4 as IPv4,
 * and a network of one address as that address.
 */
export function spellNetwork(network: string): string {
  const [address = '', bits] = network.split('/', 2)
  if (isIPv4(address)) return spelled(address, Number(bits ?? 32), 32)
  const bitCount = Number(bits ?? 128)
  const plain = new SocketAddress({ address, family: 'ipv6' }).address
  const inside = plain.slice(MAPPED.length)
  return plain.startsWith(MAPPED) && isIPv4(inside) && bitCount >= MAPPED_BITS
    ? spelled(inside, bitCount - MAPPED_BITS, 32)
    : spelled(plain, bitCount, 128)
}

const spelled = (address: string, bits: number, bitsMax: number): string =>
  bits === bitsMax ? address : `${address}/${bits}`

/** Whether an address is one of these or in one of them. */
export function networksOf(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/', 2)
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (address) =>
    networks.length > 0 &&
    isIP(address) > 0 &&
    list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

const loopback = networksOf(['127.0.0.0/8', '::1'])

/** Whether a host is this machine, and nothing that is sent to it leaves it. */
export const isLoopback = (host: string): boolean => host === 'localhost' || loopback(host)

/**
 * What counts as one party: an IPv4 address, or the /64 network of an IPv6 address, because one
 * subscriber has all addresses of it.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - after.length
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
