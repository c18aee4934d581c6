import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { printTables } from './table-command.ts'

const PRINTED = new URL('../deploy/aws/tables.json', import.meta.url)

test('the description for infrastructure is that of the tables the command makes', () => {
  expect(readFileSync(PRINTED, 'utf8')).toBe(printTables('cnop'))
})
