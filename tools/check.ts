/** Everything that can be known without running the product. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export type Check = { readonly name: string; readonly args: readonly string[] }

const CHECKS: readonly Check[] = [
  { name: 'types of the server', args: ['node_modules/typescript/bin/tsc', '-p', '.'] },
  { name: 'types of the contract', args: ['node_modules/typescript/bin/tsc', '-p', 'contract'] },
  { name: 'types of the pages', args: ['node_modules/typescript/bin/tsc', '-p', 'web'] },
  {
    name: 'style and rules',
    args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--max-diagnostics=none'],
  },
  { name: 'nothing unused', args: ['node_modules/knip/bin/knip.js', '--no-config-hints'] },
  { name: 'import borders', args: ['tools/borders.ts'] },
  { name: 'tidy tree', args: ['tools/tidy.ts'] },
]

const AT_ONCE = 2

/** Runs every check even when one fails, says how each ended, and returns how many failed. */
export async function runChecks(
  checks: readonly Check[],
  print: (text: string) => void,
): Promise<number> {
  const waiting = [...checks]
  let failed = 0
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const startedAt = performance.now()
      const { ok, out, err } = await run(check.args)
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      print(`${ok ? 'ok    ' : 'FAILED'} ${check.name}, ${seconds} s${ok ? lastLine(out) : ''}`)
      if (ok) continue
      failed += 1
      print(`${out}${err}`.trim())
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return failed
}

async function run(args: readonly string[]) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  const [[code], out, err] = await Promise.all([closed, text(child.stdout), text(child.stderr)])
  return { ok: code === 0, out, err }
}

/** Where all is well a tool ends with what it looked at, if it says anything. */
function lastLine(out: string): string {
  const line = out.trim().split('\n').at(-1)
  return line ? `: ${line}` : ''
}

if (import.meta.main) {
  const failed = await runChecks(CHECKS, console.log)
  console.log(failed === 0 ? 'Every check passed.' : `${failed} of ${CHECKS.length} checks failed.`)
  process.exitCode = failed === 0 ? 0 : 1
}
