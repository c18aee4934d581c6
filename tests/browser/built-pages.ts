import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isBuilt } from '../../web/build-state.ts'

const BUILD = fileURLToPath(new URL('../../web/build.ts', import.meta.url))

/** The pages of the present sources, as `npm start` would serve them. */
export async function buildPages(): Promise<void> {
  if (isBuilt()) return
  const child = spawn(process.execPath, [BUILD], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`The pages could not be built: ${code}`)
}
