/**
 * What the pages say. The English sentence is the key; another language is a catalogue of the same
 * keys, loaded when it is chosen. Sentences travel with the page that says them.
 */
import { i18n } from '@lingui/core'

type Values = Readonly<Record<string, string | number>>
type CompiledMessage = ReturnType<Parameters<typeof i18n.setMessagesCompiler>[0]>
type Tokens = Exclude<CompiledMessage, string>

const HOLE = /\{(\w+)\}/
const PLURAL = /\{(\w+), plural, one \{([^{}]*)\} other \{([^{}]*)\}\}/
const compiled = new Map<string, CompiledMessage>()

i18n.setMessagesCompiler((message) => {
  const known = compiled.get(message)
  if (known !== undefined) return known
  const tokens = tokensOf(message)
  compiled.set(message, tokens)
  return tokens
})
i18n.loadAndActivate({ locale: 'en', messages: {} })

/** `{name}`, and `{count, plural, one {# asset} other {# assets}}`: a sentence needs no more. */
function tokensOf(message: string): CompiledMessage {
  const plural = PLURAL.exec(message)
  if (plural !== null) {
    const [whole, name = '', one = '', other = ''] = plural
    const forms = { one: counted(one), other: counted(other) }
    return around(message, whole, [name, 'plural', forms] as unknown as Tokens[number])
  }
  const hole = HOLE.exec(message)
  return hole === null
    ? [message]
    : around(message, hole[0], [hole[1] ?? ''] as unknown as Tokens[number])
}

function around(message: string, part: string, token: Tokens[number]): CompiledMessage {
  const at = message.indexOf(part)
  const before = message.slice(0, at)
  const after = message.slice(at + part.length)
  return [
    ...(before === '' ? [] : (tokensOf(before) as Tokens)),
    token,
    ...(after === '' ? [] : (tokensOf(after) as Tokens)),
  ]
}

const counted = (form: string): string[] => form.split(/(#)/).filter((part) => part !== '')

/** The sentence in the language of the page, with its values in place. */
export const t = (message: string, values?: Values): string => i18n._(message, { ...values })
