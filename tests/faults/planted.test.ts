/** Known mistakes are planted in the product: each must be found, and nothing without one. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { HUNTS } from './mistakes.ts'

const run = promisify(execFile)
const COMMAND = `${import.meta.dirname}/planted-command.ts`

it(`finds each of ${HUNTS.length} known mistakes within its budget, and none without one`, async () => {
  const { stdout } = await run(process.execPath, [COMMAND])
  expect(stdout).toContain(`${HUNTS.length + 2} of ${HUNTS.length + 2} as they should be`)
}, 300_000)

it('fails for a mistake that nothing finds, and for one that is not there to plant', async () => {
  const hunting = (name: string) => run(process.execPath, [COMMAND, '--only', name])
  await expect(hunting('harmless')).rejects.toMatchObject({ code: 1 })
  await expect(hunting('gone')).rejects.toMatchObject({ stderr: expect.stringMatching(/not once/) })
}, 60_000)
