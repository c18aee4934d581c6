import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const HOLDS = "test('holds', () => expect(1).toBe(1))\n"
const BREAKS = "test('breaks', () => expect(1).toBe(2))\n"

test('a run in which everything holds says how many tests that were', async () => {
  expect(await run({ 'a.test.ts': HOLDS, 'b.test.ts': HOLDS.repeat(2) })).toMatchObject({
    code: 0,
    lastLine: '3 passed, 0 failed',
  })
})

test('a test that does not run is said to be skipped', async () => {
  const skips = "test.skipIf(true)('waits for another host', () => {})"
  expect(await run({ 'a.test.ts': HOLDS + skips })).toMatchObject({
    code: 0,
    lastLine: '1 passed, 0 failed, 1 skipped',
  })
})

test.each([
  ['a test that breaks', BREAKS, 'kit/b.test.ts > breaks: expected 1 to be 2'],
  [
    'a file that does not load',
    "import './gone.ts'",
    "kit/b.test.ts: Cannot find module './gone.ts'",
  ],
  [
    'a hook that throws',
    `afterAll(() => { throw new Error('late') })\n${HOLDS}`,
    'kit/b.test.ts: late',
  ],
  [
    'an error that nobody catches',
    `setTimeout(() => { throw new Error('lost') })\n${HOLDS}`,
    'outside of a test: lost',
  ],
])('%s is counted as a failure and named', async (_, broken, named) => {
  const { code, lastLine, failed } = await run({ 'a.test.ts': HOLDS, 'b.test.ts': broken })
  expect(code).toBe(1)
  expect(lastLine).toMatch(/^[12] passed, 1 failed$/)
  expect(failed).toEqual([expect.stringContaining(`FAILED ${named}`)])
})

test('a run without any test fails', async () => {
  expect(await run({})).toMatchObject({ code: 1, lastLine: '0 passed, 0 failed' })
})

/** Runs these files as tests of the kit, with the real configuration. */
async function run(files: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'closing-line-'))
  try {
    await mkdir(join(root, 'kit'))
    for (const [name, code] of Object.entries(files)) await writeFile(join(root, 'kit', name), code)
    const config = ['--config', join(ROOT, 'vitest.config.ts'), '--root', root, '--globals']
    const args = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...config]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    const [[code], out] = await Promise.all([once(child, 'close'), text(child.stdout)])
    const lines = out.trimEnd().split('\n')
    return {
      code,
      lastLine: lines.at(-1),
      failed: lines.filter((line) => line.startsWith('FAILED ')),
    }
  } finally {
    await rm(root, { recursive: true })
  }
}
