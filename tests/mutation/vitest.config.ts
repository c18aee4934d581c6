/**
 * The quick tests of decisions, money and commit, for a copy of the tree whose code is changed: the
 * packages of this project are named by their place in the copy, not by their link to the original.
 */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const ROOT = join(import.meta.dirname, '../..')
const PACKAGES = ['contract', 'kit', 'services']

export default defineConfig({
  root: ROOT,
  resolve: {
    alias: Object.fromEntries(PACKAGES.map((name) => [`@cnop/${name}`, join(ROOT, name)])),
  },
  test: {
    include: [
      'contract/*.test.ts',
      'services/order/{cash,operator,orders,rewards}/**/decide-*.test.ts',
      'services/order/orders/{cancel-order,order-answer,order-states}.test.ts',
      'services/order/ledger/**/*.test.ts',
      'kit/store/commit-decision.test.ts',
    ],
    setupFiles: [join(import.meta.dirname, 'short-properties.ts')],
    pool: 'forks',
    isolate: false,
    testTimeout: 30_000,
  },
})
