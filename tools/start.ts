/** `npm start`: the pages are built where they are not, then the platform starts. */
import { buildPages } from './build-pages.ts'

await buildPages()
await import('../services/main.ts')
