import { type NetConnectOpts, Socket } from 'node:net'

/**
 * Every test file starts with this: a test that reaches for anything but this machine fails at
 * once and says so, instead of passing only where there is a network.
 */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/

const connect = Socket.prototype.connect

Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  const host = hostOf(args)
  if (!LOOPBACK.test(host)) throw new Error(`Tests use no network, and this one wants ${host}.`)
  return Reflect.apply(connect, this, args)
} as typeof connect

/** `connect` takes options, or a port and perhaps a host, or a path, or all of it as one array. */
function hostOf(args: readonly unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  if (typeof first === 'object' && first !== null) {
    return (first as Partial<NetConnectOpts & { host: string }>).host ?? 'localhost'
  }
  return typeof second === 'string' ? second : 'localhost'
}
