/** Which pressed form of a file a client can read (RFC 9110 §12.5.3), the smallest first. */
import type { BuiltFile, Encoding } from './built-pages.ts'

const SMALLEST_FIRST: readonly Encoding[] = ['br', 'gzip']

export function negotiated(
  accepted: string | string[] | undefined,
  pressed: BuiltFile['pressed'],
): Encoding | undefined {
  const wishes = new Map(
    String(accepted ?? '')
      .toLowerCase()
      .split(',')
      .map((wish) => {
        const [name = '', weight = 'q=1'] = wish.split(';').map((part) => part.trim())
        return [name, Number(weight.replace('q=', ''))] as const
      }),
  )
  const isWanted = (encoding: Encoding): boolean =>
    (wishes.get(encoding) ?? wishes.get('*') ?? 0) > 0
  return SMALLEST_FIRST.find((encoding) => pressed.has(encoding) && isWanted(encoding))
}
