/** Writes `docs/openapi.json`; a test beside this says when it is due. */
import { readFileSync, writeFileSync } from 'node:fs'
import { openApiDocument } from './openapi-document.ts'

const ROOT = new URL('../../../', import.meta.url)

export const OPENAPI_FILE = new URL('docs/openapi.json', ROOT)

export function printOpenApi(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
    version: string
  }
  return `${JSON.stringify(openApiDocument({ version }), null, 2)}\n`
}

if (import.meta.main) writeFileSync(OPENAPI_FILE, printOpenApi())
