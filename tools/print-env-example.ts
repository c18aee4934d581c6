/** Writes `.env.example`; the test of the configuration says when it is due. */
import { writeFileSync } from 'node:fs'
import { printEnvExample } from '@cnop/kit/config.ts'

writeFileSync(new URL('../.env.example', import.meta.url), printEnvExample())
