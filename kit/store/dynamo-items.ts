/**
 * Rows and ops in DynamoDB's words. A number travels as its digits and never as a float, so all 38
 * of them arrive.
 */
import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Condition, Field, Key, KeyedRow, Op, Row } from './store.ts'

export type Item = Record<string, AttributeValue>

export const itemKeyOf = ({ pk, sk }: Key): Item => ({ pk: { S: pk }, sk: { S: sk } })

const itemOf = (key: Key, row: Row): Item => {
  const item = itemKeyOf(key)
  for (const [name, field] of Object.entries(row)) item[name] = attributeOf(field)
  return item
}

export function rowOf({ pk: _pk, sk: _sk, ...attributes }: Item): Row {
  const row: Record<string, Field> = {}
  for (const [name, attribute] of Object.entries(attributes)) row[name] = fieldOf(attribute)
  return row
}

export const keyedRowOf = (item: Item): KeyedRow => ({
  sk: item['sk']?.S as string,
  row: rowOf(item),
})

export function attributeOf(field: Field): AttributeValue {
  switch (typeof field) {
    case 'string':
      return { S: field }
    case 'bigint':
      return { N: field.toString() }
    case 'boolean':
      return { BOOL: field }
    default:
      return { B: field }
  }
}

function fieldOf({ S: text, N: digits, BOOL: truth, B: bytes }: AttributeValue): Field {
  if (text !== undefined) return text
  if (digits !== undefined) return BigInt(digits)
  if (truth !== undefined) return truth
  if (bytes !== undefined) return new Uint8Array(bytes)
  throw new Error('A stored field is of no known kind')
}

export function transactItemOf(TableName: string, op: Op): TransactWriteItem {
  const words = createWords()
  const ConditionExpression = op.when && conditionIn(op.when, words)
  const key = { TableName, Key: itemKeyOf(op.key) }
  switch (op.kind) {
    case 'put':
      return {
        Put: { TableName, Item: itemOf(op.key, op.row), ConditionExpression, ...words.said() },
      }
    case 'update': {
      const UpdateExpression = `SET ${pairs(op.set, '=', words).join(', ')}`
      return { Update: { ...key, UpdateExpression, ConditionExpression, ...words.said() } }
    }
    case 'delete':
      return { Delete: { ...key, ConditionExpression, ...words.said() } }
    case 'check':
      return { ConditionCheck: { ...key, ConditionExpression, ...words.said() } }
  }
}

/** Every item has a `pk`, so whether that is there says whether the item is. */
function conditionIn(when: Condition, words: Words): string {
  if ('absent' in when) return 'attribute_not_exists(pk)'
  const equal = pairs(when.equals ?? {}, '=', words)
  const enough = pairs(when.atLeast ?? {}, '>=', words)
  return ['attribute_exists(pk)', ...equal, ...enough].join(' AND ')
}

const pairs = (row: Row, sign: string, words: Words): string[] =>
  Object.entries(row).map(([name, field]) => `${words.name(name)} ${sign} ${words.value(field)}`)

/** An expression names fields and values by placeholders, since a field may have any name. */
type Words = {
  name(name: string): string
  value(field: Field): string
  said(): {
    ExpressionAttributeNames?: Record<string, string>
    ExpressionAttributeValues?: Item
  }
}

function createWords(): Words {
  const names: Record<string, string> = {}
  const values: Item = {}
  const placeholders = new Map<string, string>()
  return {
    name(name) {
      const placeholder = placeholders.get(name) ?? `#${placeholders.size}`
      placeholders.set(name, placeholder)
      names[placeholder] = name
      return placeholder
    },
    value(field) {
      const placeholder = `:${Object.keys(values).length}`
      values[placeholder] = attributeOf(field)
      return placeholder
    },
    said: () => ({
      ...(placeholders.size > 0 ? { ExpressionAttributeNames: names } : {}),
      ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
    }),
  }
}
