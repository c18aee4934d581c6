/**
 * How a page that was written at the door becomes one that lives: what the platform said is put where
 * answers are kept, and what a visitor did to the document meanwhile stays.
 */
import { queryClient } from './client/queries.ts'

/** What is younger is shown as it is, until it is its turn to be asked for. */
const FRESH_MS = 10_000

/** Stands in the document as data. */
export type TakenOver = {
  readonly path: string
  readonly writtenAtMs: number
  readonly queries: readonly { readonly key: readonly unknown[]; readonly data: unknown }[]
}

export const knownQueries = (): TakenOver['queries'] =>
  queryClient
    .getQueryCache()
    .getAll()
    .flatMap(({ queryKey: key, state: { data } }) => (data === undefined ? [] : [{ key, data }]))

/** `undefined` where the document holds no written page. */
export function readTakenOver(): TakenOver | undefined {
  const text = document.getElementById('taken-over')?.textContent
  if (text === undefined || text === null) return undefined
  const taken = JSON.parse(text) as TakenOver
  // As if said now: an answer that came meanwhile would not be what the document holds.
  for (const { key, data } of taken.queries) queryClient.setQueryData(key, data)
  return taken
}

type Field = HTMLInputElement | HTMLTextAreaElement

/**
 * Notes what is in the fields of a document that cannot act yet. The function it gives puts the same
 * into the fields of the page that can, as if it were typed there, with the cursor where it was.
 */
export function noteTyped(place: HTMLElement): () => void {
  const typed = new Map<string, string>()
  const cursors = new Map<string, number | null>()
  let last = ''
  const note = (field: Field): void => void typed.set(nameOf(field), field.value)
  const onInput = ({ target }: Event): void => note(target as Field)
  /** What moves a cursor by itself changes the text too, and is not the visitor. */
  const onSelection = (): void => {
    const field = fieldsIn(place).find((one) => one === document.activeElement)
    if (field === undefined) return
    last = nameOf(field)
    if (field.value === typed.get(last)) cursors.set(last, field.selectionStart)
  }
  for (const field of fieldsIn(place)) if (field.value !== beginning(field)) note(field)
  place.addEventListener('input', onInput, { capture: true })
  document.addEventListener('selectionchange', onSelection)
  return () => {
    place.removeEventListener('input', onInput, { capture: true })
    document.removeEventListener('selectionchange', onSelection)
    const focused = document.activeElement
    for (const field of fieldsIn(place)) {
      const text = typed.get(nameOf(field))
      if (text !== undefined && text !== beginning(field))
        type(field, text, cursors.get(nameOf(field)) ?? field.selectionStart)
      // A page that was drawn anew has another field where the visitor was.
      if (focused === document.body && last !== '' && nameOf(field) === last)
        field.focus({ preventScroll: true })
    }
  }
}

/** The page can act from now on: what is not new is asked for, and what was sent before is sent. */
export function actOn(place: HTMLElement, { writtenAtMs }: TakenOver): void {
  if (Date.now() - writtenAtMs > FRESH_MS) void queryClient.invalidateQueries()
  document.getElementById('taken-over')?.remove()
  const { dataset } = document.documentElement
  if (dataset['sent'] === undefined) return
  delete dataset['sent']
  place.querySelector('form')?.requestSubmit()
}

/** Those that are written in: a choice is made again with one press. */
const fieldsIn = (place: HTMLElement): readonly Field[] => [
  ...place.querySelectorAll<Field>('input:not([type=radio], [type=checkbox]), textarea'),
]

const nameOf = (field: Field): string => field.name || (field.getAttribute('aria-label') ?? '')

const beginning = (field: Field): string => field.getAttribute('value') ?? ''

/** React is told of a change only where it knows another value before. */
function type(field: Field, text: string, cursor: number | null): void {
  field.value = ''
  const kind = Object.getPrototypeOf(field) as object
  Object.getOwnPropertyDescriptor(kind, 'value')?.set?.call(field, text)
  field.dispatchEvent(new Event('input', { bubbles: true }))
  // Fields of some kinds have no cursor that could be put anywhere.
  if (cursor !== null && field.selectionStart !== null) field.setSelectionRange(cursor, cursor)
}
