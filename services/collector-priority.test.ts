import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { expect, it } from 'vitest'
import { putCollectorsBehind } from './collector-priority.ts'

it('on Linux, collectors of garbage step back, and nothing else does', () => {
  putCollectorsBehind()
  if (process.platform !== 'linux') return
  const threads = readdirSync('/proc/self/task').map((thread) => ({
    name: readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim(),
    priority: getPriority(Number(thread)),
  }))
  const collectors = threads.filter(({ name }) => name.includes('V8Worker'))
  expect(collectors.length).toBeGreaterThan(0)
  expect(collectors.map(({ priority }) => priority)).toEqual(collectors.map(() => 10))
  const others = threads.filter((thread) => !collectors.includes(thread))
  expect(others.map(({ priority }) => priority)).toEqual(others.map(() => getPriority()))
})
