/** What the platform keeps on disk is for the user it runs as, wherever the folder came from. */
import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newCustomer } from '../customers.ts'
import { startTogether, temporaryDataDir } from '../topologies.ts'

const OTHERS = 0o077

test.skipIf(process.platform === 'win32')(
  'no other user of the machine reads a file, also in a folder that was open to all',
  async () => {
    const dataDir = await temporaryDataDir()
    await chmod(dataDir, 0o755)
    const platform = await startTogether({ dataDir })
    try {
      await newCustomer(platform.url)
      const files = await readdir(dataDir)
      expect(files).toEqual(expect.arrayContaining(['auth.db', 'order.db']))
      for (const file of files) {
        const { mode } = await stat(join(dataDir, file))
        expect(mode & OTHERS, file).toBe(0)
      }
    } finally {
      await platform.stop()
      await rm(dataDir, { recursive: true })
    }
  },
)
