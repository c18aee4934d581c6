import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends a test run with one plain line that people and scripts can read: "12 passed, 0 failed".
 * A file that did not load, a hook that threw and an error nobody caught each count as a failure.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], uncaught: readonly unknown[]): void {
    process.stdout.write(`\n${closingLine(modules, uncaught.length)}\n`)
  }
}

export function closingLine(modules: readonly TestModule[], uncaught: number): string {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const containers = modules.flatMap((module) => [module, ...module.children.allSuites()])
  const count = (state: string) => tests.filter((test) => test.result().state === state).length
  const broken = containers.filter((container) => container.errors().length > 0).length
  const skipped = count('skipped') + count('pending')
  const line = `${count('passed')} passed, ${count('failed') + broken + uncaught} failed`
  return skipped === 0 ? line : `${line}, ${skipped} skipped`
}
