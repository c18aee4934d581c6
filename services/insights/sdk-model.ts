/** A language model behind the AI SDK: one request, one answer, and every failure a `ModelFault`. */
import { APICallError, type LanguageModelV4 } from '@ai-sdk/provider'
import { type Model, ModelFault } from './model.ts'
import { plainSentences } from './plain-text.ts'
import { dataOf, INSTRUCTIONS } from './prompt.ts'

/** Some models think in tokens before they write. */
const TOKENS_MAX = 2_000
const ANSWER_BYTES_MAX = 256 * 1024
const RETRY_AFTER_SECONDS_MAX = 300

export const sdkModel = (name: string, model: LanguageModelV4): Model => ({
  name,
  async write(briefing, signal) {
    try {
      const { content } = await model.doGenerate({
        prompt: [
          { role: 'system', content: INSTRUCTIONS },
          { role: 'user', content: [{ type: 'text', text: dataOf(briefing) }] },
        ],
        maxOutputTokens: TOKENS_MAX,
        temperature: 0.2,
        abortSignal: signal,
      })
      const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
      return plainSentences(texts.join(' '))
    } catch (error) {
      throw faultOf(error, signal)
    }
  },
})

/** Bounded, and never led elsewhere: a redirect would carry the key to another host. */
export const boundedFetch: typeof fetch = async (input, init) => {
  const answer = await fetch(input, { ...init, redirect: 'error' })
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX) {
      throw new ModelFault('broken-answer', `The model sent more than ${ANSWER_BYTES_MAX} bytes.`)
    }
    chunks.push(chunk)
  }
  const { status, headers } = answer
  return new Response(status === 204 || status === 304 ? null : Buffer.concat(chunks), {
    status,
    headers,
  })
}

function faultOf(error: unknown, signal: AbortSignal): ModelFault {
  if (error instanceof ModelFault) return error
  if (signal.aborted) return new ModelFault('unreachable', 'The model did not answer in time.')
  if (error instanceof Error && error.cause instanceof ModelFault) return error.cause
  const status = APICallError.isInstance(error) ? error.statusCode : undefined
  if (status === undefined) return new ModelFault('unreachable', 'The model cannot be reached.')
  const said = `The model's provider answered ${status}.`
  if (status === 429) return new ModelFault('rate-limited', said, retryAfterOf(error))
  if (status >= 500) return new ModelFault('unreachable', said, retryAfterOf(error))
  return new ModelFault(status >= 400 ? 'refused' : 'broken-answer', said)
}

function retryAfterOf(error: unknown): number | undefined {
  const header = APICallError.isInstance(error) ? error.responseHeaders?.['retry-after'] : undefined
  if (header === undefined || !/^\d{1,6}$/.test(header)) return undefined
  return Math.min(RETRY_AFTER_SECONDS_MAX, Math.max(1, Number(header)))
}
