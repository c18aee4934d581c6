import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

const SNIPPETS = {
  'a request': "export const a = fetch('/api')",
  'the process': 'export const a = process.pid',
  'a document': 'export const a = document.title',
  'a module of Node': "import { join } from 'node:path'\nexport const a = join('b')",
  'an enum': 'export enum A { B }',
  'a parameter property': 'export class A { constructor(readonly b: string) {} }',
  'an item that may be missing': 'export const a = (b: string[]) => b[0].length',
  'a property of any name': 'export const a = (b: Record<string, string>) => b.c',
  'undefined for what may be left out': 'export const a: { b?: string } = { b: undefined }',
  'a type imported as a value': "import { A } from './type.ts'\nexport const a: A = ''",
  'a missing return': 'export function a(b: boolean) { if (b) return 1 }',
} as const

const STRICT = [
  'an enum',
  'a parameter property',
  'an item that may be missing',
  'a property of any name',
  'undefined for what may be left out',
  'a type imported as a value',
  'a missing return',
]

test.each([
  ['the contract', 'contract', ['the process', 'a document', 'a module of Node', ...STRICT]],
  ['the server', '.', ['a document', ...STRICT]],
  ['the pages', 'web', ['the process', 'a module of Node', ...STRICT]],
])(
  '%s is checked against its own globals and the same strict rules',
  async (_, project, refused) => {
    expect(new Set(await refusedBy(join(ROOT, project, 'tsconfig.json')))).toEqual(new Set(refused))
  },
)

/** Which of the snippets the compiler refuses under these settings. */
async function refusedBy(settings: string): Promise<string[]> {
  const { options } = parsed(settings)
  const folder = await mkdtemp(join(tmpdir(), 'types-'))
  try {
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    await writeFile(join(folder, 'type.ts'), 'export type A = string')
    const files = Object.entries(SNIPPETS).map(([name, code], index) => ({
      name,
      code,
      path: join(folder, `snippet-${index}.ts`),
    }))
    for (const { path, code } of files) await writeFile(path, code)
    const program = ts.createProgram(
      files.map(({ path }) => path),
      options,
    )
    return files
      .filter(
        ({ path }) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).length > 0,
      )
      .map(({ name }) => name)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function parsed(settings: string): ts.ParsedCommandLine {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} }
  const result = ts.getParsedCommandLineOfConfigFile(settings, undefined, host)
  if (result === undefined) throw new Error(`${settings} cannot be read`)
  return result
}
