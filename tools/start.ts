/**
 * `npm start`: the pages are built where they are not, or not from the present sources, then the
 * platform starts. Pages that cannot be built keep nobody from trading;
 * a build that was told to end ends the start.
 */
import { fileURLToPath } from 'node:url'
import { isBuilt } from '../web/build-state.ts'
import { runChild } from './run-child.mjs'

const BUILD = fileURLToPath(new URL('../web/build.ts', import.meta.url))

if (!isBuilt()) {
  process.stderr.write('Building the pages …\n')
  const { code } = await runChild(process.execPath, [BUILD], { stdio: 'inherit' })
  if (code > 128) process.exit(code)
  if (code !== 0) process.stderr.write('The pages could not be built; starting without new ones.\n')
}
await import('../services/main.ts')
