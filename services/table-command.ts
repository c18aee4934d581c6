/**
 * `npm run table:create`: makes the tables that STORE=dynamodb needs where they are missing, as
 * `deploy/aws/tables.json` describes them for what builds infrastructure. With `--no-protection`
 * they may be deleted and keep no past, which is for trying things out. With `--print` it says that
 * description and makes nothing.
 */
import { parseArgs } from 'node:util'
import { readConfig } from '@cnop/kit/config.ts'
import { createTable, describeTable } from '@cnop/kit/store/dynamo-table.ts'
import { CommandError, runCommand } from './run-command.ts'
import { placeOf, STORING_SERVICES, tableOf } from './stores.ts'

const USAGE = 'Say: npm run table:create [-- --no-protection | --print]'

/** The resources of a CloudFormation template, which other tools read too. */
export function printTables(prefix: string): string {
  const Resources = Object.fromEntries(
    STORING_SERVICES.map((service) => {
      const { table, expiresIn } = tableOf(prefix, service)
      const { StreamSpecification, SSESpecification, ...description } = describeTable(table)
      const properties = {
        ...description,
        StreamSpecification: { StreamViewType: StreamSpecification.StreamViewType },
        SSESpecification: { SSEEnabled: SSESpecification.Enabled },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        ...(expiresIn === undefined
          ? {}
          : { TimeToLiveSpecification: { AttributeName: expiresIn, Enabled: true } }),
      }
      const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }
      const name = `${service.charAt(0).toUpperCase()}${service.slice(1)}Table`
      return [name, { Type: 'AWS::DynamoDB::Table', ...kept, Properties: properties }]
    }),
  )
  return `${JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', Resources }, null, 2)}\n`
}

async function createTables(args: readonly string[]): Promise<string> {
  const { print, protect } = wishes(args)
  const config = readConfig()
  if (print) return printTables(config.dynamodbTable).trimEnd()
  if (config.dynamodbRegion === undefined) {
    throw new CommandError('Set DYNAMODB_REGION, and DYNAMODB_ENDPOINT where it is not AWS.')
  }
  const lines: string[] = []
  for (const service of STORING_SERVICES) {
    const kind = tableOf(config.dynamodbTable, service)
    const made = await createTable(placeOf(config), kind, { protect })
    lines.push(`${kind.table} ${made ? 'is made' : 'was there and is left as it is'}.`)
  }
  return lines.join('\n')
}

function wishes(args: readonly string[]): { print: boolean; protect: boolean } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { print: { type: 'boolean' }, 'no-protection': { type: 'boolean' } },
    })
    return { print: values.print === true, protect: values['no-protection'] !== true }
  } catch {
    throw new CommandError(USAGE)
  }
}

if (import.meta.main) await runCommand(() => createTables(process.argv.slice(2)))
