/** What a platform that other machines can reach must not do, or had better not. */
import { type Config, ConfigError } from '@cnop/kit/config.ts'
import { isLoopback } from '@cnop/kit/networks.ts'

/** Throws a `ConfigError`: the demo customer is for whoever sits at this machine. */
export function refuseExposedDemo({ host }: Pick<Config, 'host'>): void {
  if (isLoopback(host)) return
  throw new ConfigError([
    `--demo makes a customer whose password everybody knows: HOST must be this machine, such as 127.0.0.1, not ${host}`,
  ])
}

/** A sentence for the log, where there is something to warn of. */
export const plainHttpWarning = ({
  host,
  publicUrl,
}: Pick<Config, 'host' | 'publicUrl'>): string | undefined =>
  isLoopback(host) || !publicUrl.startsWith('http:')
    ? undefined
    : 'other machines reach HOST and PUBLIC_URL is http: passwords and tokens travel in the clear. Put a proxy with TLS in front and set PUBLIC_URL to https'
