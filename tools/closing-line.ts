import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Ends a test run with one plain line that people and scripts can read: "12 passed, 0 failed",
 * after a line for each failure: "FAILED kit/a.test.ts > holds: expected 1 to be 2".
 * A file that did not load, a hook that threw and an error nobody caught each count as a failure.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], uncaught: readonly SerializedError[]): void {
    const lines = [...failures(modules, uncaught), closingLine(modules, uncaught.length)]
    process.stdout.write(`\n${lines.join('\n')}\n`)
  }
}

function failures(modules: readonly TestModule[], uncaught: readonly SerializedError[]): string[] {
  const inModules = modules.flatMap((module) => [
    ...said(module.relativeModuleId, module.errors()),
    ...[...module.children.allSuites()].flatMap((suite) =>
      said(`${module.relativeModuleId} > ${suite.fullName}`, suite.errors()),
    ),
    ...[...module.children.allTests('failed')].flatMap((test) =>
      said(`${module.relativeModuleId} > ${test.fullName}`, test.result().errors),
    ),
  ])
  return [...inModules, ...said('outside of a test', uncaught)]
}

function said(where: string, errors: readonly SerializedError[] = []): string[] {
  return errors.map(({ message }) => `FAILED ${where}: ${message.split('\n')[0]}`)
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
