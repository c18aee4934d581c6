import { defineConfig } from 'vitest/config'
import { ClosingLine } from './tools/closing-line.ts'

export default defineConfig({
  test: {
    include: ['{contract,kit,services,web/src,tests,tools,bench,examples}/**/*.test.{ts,tsx}'],
    setupFiles: [`${import.meta.dirname}/tools/no-network.ts`],
    reporters: ['default', new ClosingLine()],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    // Hooks start platforms of five processes; each has a limit of its own.
    hookTimeout: 300_000,
    allowOnly: false,
  },
})
