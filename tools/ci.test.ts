import { spawnSync } from 'node:child_process'
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const RUN = join(import.meta.dirname, '../.ci/run')

test('tests and checks that pass pass, and the last line says how many tests ran', async () => {
  const { code, lines } = await ci({ test: 'echo "12 passed, 0 failed"', check: 'echo checked' })
  expect(code).toBe(0)
  expect(lines).toEqual(['12 passed, 0 failed', 'checked', '12 passed, 0 failed'])
})

test('a failed test fails it, and the checks run all the same', async () => {
  const fails = 'echo "FAILED a.test.ts > holds"; echo "11 passed, 1 failed, 2 skipped"; exit 1'
  const { code, lines } = await ci({ test: fails, check: 'echo checked' })
  expect(code).toBe(1)
  expect(lines.slice(2)).toEqual([
    'checked',
    'FAILED a.test.ts > holds',
    '11 passed, 1 failed, 2 skipped',
  ])
})

test('a failed check fails it', async () => {
  const { code } = await ci({ test: 'echo "12 passed, 0 failed"', check: 'exit 1' })
  expect(code).toBe(1)
})

test.each(['echo "0 passed, 0 failed"', 'echo "nothing of the kind"'])(
  'a run that shows nothing fails: %s',
  async (silent) => {
    const { code, lines } = await ci({ test: silent, check: 'true' })
    expect(code).toBe(1)
    expect(lines.at(-1)).toBe('0 passed, 0 failed')
  },
)

test('a run that left tests out fails', async () => {
  const left = 'echo "12 passed, 0 failed, 1 skipped"'
  expect((await ci({ test: left, check: 'true' })).code).toBe(1)
})

/** Runs the script where `npm test` and `npm run check` are these commands of the shell. */
async function ci(npm: { readonly test: string; readonly check: string }) {
  const root = await mkdtemp(join(tmpdir(), 'ci-'))
  try {
    await cp(RUN, join(root, '.ci/run'))
    const script = `#!/bin/sh\ncase "$*" in\ntest) ${npm.test};;\n"run check") ${npm.check};;\nesac\n`
    await writeFile(join(root, 'npm'), script)
    // With one of its own it installs none.
    await writeFile(join(root, 'strace'), '#!/bin/sh\n')
    for (const program of ['npm', 'strace']) await chmod(join(root, program), 0o755)
    const env = { PATH: `${root}:/usr/bin:/bin` }
    const { status, stdout } = spawnSync(join(root, '.ci/run'), { env, encoding: 'utf8' })
    return { code: status, lines: stdout.trimEnd().split('\n') }
  } finally {
    await rm(root, { recursive: true })
  }
}
