import { Problem } from '@cnop/contract/problem.ts'

/**
 * A password that was changed after it had been verified opens no session: throws
 * `wrong-credentials`, as if the new one had been there all along.
 */
export function refuseChangedPassword({
  verifiedVersion,
  storedVersion,
}: {
  verifiedVersion: bigint
  storedVersion: bigint | undefined
}): void {
  if (storedVersion !== verifiedVersion) throw new Problem('wrong-credentials')
}
