/**
 * A row as text: JSON in which a letter before each value tells its kind. Equal rows give equal
 * texts, whatever the order of their fields, so a text can be compared and hashed.
 */
import type { Field, Row } from './store.ts'

type EncodedField = string | boolean

export function encodeRow(row: Row): string {
  const encoded: Record<string, EncodedField> = {}
  for (const name of Object.keys(row).sort()) {
    encoded[name] = encodeField(row[name] as Field)
  }
  return JSON.stringify(encoded)
}

export function decodeRow(text: string): Row {
  const encoded: Record<string, EncodedField> = JSON.parse(text)
  const row: Record<string, Field> = {}
  for (const name in encoded) {
    row[name] = decodeField(encoded[name] as EncodedField)
  }
  return row
}

function encodeField(field: Field): EncodedField {
  switch (typeof field) {
    case 'string':
      return `s${field}`
    case 'bigint':
      return `n${field}`
    case 'boolean':
      return field
    default:
      return `b${Buffer.from(field.buffer, field.byteOffset, field.byteLength).toString('base64')}`
  }
}

function decodeField(encoded: EncodedField): Field {
  if (typeof encoded === 'boolean') return encoded
  const value = encoded.slice(1)
  switch (encoded[0]) {
    case 's':
      return value
    case 'n':
      return BigInt(value)
    case 'b':
      return new Uint8Array(Buffer.from(value, 'base64'))
    default:
      throw new Error('A stored field is of no known kind')
  }
}
