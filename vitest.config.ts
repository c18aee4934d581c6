import { defineConfig } from 'vitest/config'
import { ClosingLine } from './tools/closing-line.ts'
import { LongFilesFirst } from './tools/order-of-tests.ts'

export default defineConfig({
  test: {
    include: ['{contract,kit,services,web/src,tests,tools,bench,examples}/**/*.test.{ts,tsx}'],
    setupFiles: [`${import.meta.dirname}/tools/no-network.ts`],
    reporters: ['default', new ClosingLine()],
    pool: 'forks',
    // Two cores are busy with three: the long tests wait for processes more than they work.
    maxWorkers: 3,
    sequence: { sequencer: LongFilesFirst },
    testTimeout: 30_000,
    // Hooks start platforms of five processes; each has a limit of its own.
    hookTimeout: 300_000,
    allowOnly: false,
  },
})
