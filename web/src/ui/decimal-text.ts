/**
 * What somebody types as a decimal, and what it means. A comma and a point are both taken for the
 * decimal mark when there is one of them; text that could mean two numbers means none.
 */
export type TypedDecimal =
  | { readonly kind: 'empty' }
  /** Plain decimal text as the contract takes it, without zeros in front. */
  | { readonly kind: 'decimal'; readonly text: string }
  | { readonly kind: 'unclear' }

const PLAIN = /^([0-9]*)(?:[.,]([0-9]*))?$/
/** `1,234.50` and `1.234,50`: with both marks there is no doubt which one groups. */
const GROUPED = /^[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]*|(?:\.[0-9]{3})+,[0-9]*)$/
/** `1,234` may be a thousand or a little more than one. */
const DOUBTFUL = /^[1-9][0-9]{0,2}[.,][0-9]{3}$/
const GROUPED_TWICE = /^[0-9]{1,3}(?:,[0-9]{3}){2,}$|^[0-9]{1,3}(?:\.[0-9]{3}){2,}$/

/** `placesMax`: more places than this are no decimal of this asset. */
export function readTypedDecimal(typed: string, placesMax: number): TypedDecimal {
  const compact = typed.replace(/[\s'’_]/g, '')
  if (compact === '') return { kind: 'empty' }
  const text = plainOf(compact)
  if (text === undefined) return { kind: 'unclear' }
  const [whole = '', fraction = ''] = text.split('.')
  if (whole === '' && fraction === '') return { kind: 'unclear' }
  const places = fraction.replace(/0+$/, '')
  if (places.length > placesMax) return { kind: 'unclear' }
  const digits = whole.replace(/^0+(?=[0-9])/, '') || '0'
  return { kind: 'decimal', text: places === '' ? digits : `${digits}.${places}` }
}

function plainOf(compact: string): string | undefined {
  if (GROUPED_TWICE.test(compact)) return compact.replace(/[.,]/g, '')
  if (GROUPED.test(compact)) {
    const mark = Math.max(compact.lastIndexOf('.'), compact.lastIndexOf(','))
    return `${compact.slice(0, mark).replace(/[.,]/g, '')}.${compact.slice(mark + 1)}`
  }
  const match = PLAIN.exec(compact)
  if (match === null || isDoubtful(compact)) return undefined
  const [, whole = '', fraction] = match
  return fraction === undefined ? whole : `${whole}.${fraction}`
}

/** A comma before three digits is doubtful; a point is the mark of this field. */
const isDoubtful = (compact: string): boolean => compact.includes(',') && DOUBTFUL.test(compact)
