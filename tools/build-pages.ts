/** Builds the pages where they are not built from the present sources; without them nobody is kept from trading. */
import { fileURLToPath } from 'node:url'
import { isBuilt } from '../web/build-state.ts'
import { runChild } from './run-child.mjs'

const BUILD = fileURLToPath(new URL('../web/build.ts', import.meta.url))

/** A build that was told to end ends this process, too. */
export async function buildPages(): Promise<void> {
  if (isBuilt()) return
  process.stderr.write('Building the pages …\n')
  const { code } = await runChild(process.execPath, [BUILD], { stdio: 'inherit' })
  if (code > 128) process.exit(code)
  if (code !== 0) process.stderr.write('The pages could not be built; starting without new ones.\n')
}
