import { generate } from 'lean-qr'

/** Cameras want this much white round the code. */
const QUIET = 4

/** A QR code as one path, a unit square for each dark module; `size` includes the white border. */
export function qrPath(text: string): { readonly d: string; readonly size: number } {
  const code = generate(text)
  const runs: string[] = []
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      if (!code.get(x, y)) continue
      const from = x
      while (code.get(x + 1, y)) x += 1
      runs.push(`M${from + QUIET} ${y + QUIET}h${x - from + 1}v1h-${x - from + 1}z`)
    }
  }
  return { d: runs.join(''), size: code.size + 2 * QUIET }
}
