/** A local server that answers as language models' providers do, and as they should not: for tests. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type ProviderKind = 'gemini' | 'openai'

/** What it does with the next requests. */
export type Behaviour =
  | { readonly say: string }
  | { readonly status: number; readonly retryAfter?: string; readonly body?: string }
  | { readonly raw: string }
  | 'silence'
  | 'a trickle'
  | 'a flood'
  | 'a hangup'
  | 'elsewhere'

export type Heard = {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type FakeProvider = {
  readonly url: string
  readonly heard: readonly Heard[]
  behave(behaviour: Behaviour): void
  close(): Promise<void>
}

export async function startFakeProvider(kind: ProviderKind): Promise<FakeProvider> {
  let behaviour: Behaviour = { say: 'Nothing was set. It is only a test.' }
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    heard.push({ path: request.url ?? '', headers: request.headers, body })
    answer(response, kind, behaviour)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    heard,
    behave(next) {
      behaviour = next
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answer(response: ServerResponse, kind: ProviderKind, behaviour: Behaviour): void {
  if (typeof behaviour === 'string') misbehave(response, behaviour)
  else if ('raw' in behaviour) send(response, 200, behaviour.raw)
  else if ('say' in behaviour) send(response, 200, JSON.stringify(ANSWERS[kind](behaviour.say)))
  else {
    const { status, retryAfter, body = JSON.stringify(ERRORS[kind](status)) } = behaviour
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
    send(response, status, body)
  }
}

function misbehave(response: ServerResponse, how: Extract<Behaviour, string>): void {
  if (how === 'a hangup') response.destroy()
  if (how === 'elsewhere') response.writeHead(307, { location: '/elsewhere' }).end()
  if (how === 'a trickle' || how === 'a flood') pour(response, how)
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(body)
}

/** A flood never ends by itself, and a trickle is never done in time. */
function pour(response: ServerResponse, behaviour: 'a trickle' | 'a flood'): void {
  const piece = behaviour === 'a flood' ? ' '.repeat(64 * 1024) : ' '
  response.writeHead(200, { 'content-type': 'application/json' })
  const pouring = setInterval(() => response.write(piece), behaviour === 'a flood' ? 1 : 20)
  response.on('close', () => clearInterval(pouring))
}

/** The key comes back, as providers' own messages have had it. */
const ERRORS: Readonly<Record<ProviderKind, (status: number) => unknown>> = {
  gemini: (code) => ({
    error: { code, message: 'API key not valid: test-model-key.', status: 'INVALID_ARGUMENT' },
  }),
  openai: (code) => ({
    error: {
      message: 'Incorrect API key provided: test-model-key.',
      type: 'invalid_request_error',
      param: null,
      code: String(code),
    },
  }),
}

const ANSWERS: Readonly<Record<ProviderKind, (text: string) => unknown>> = {
  gemini: (text) => ({
    candidates: [{ content: { parts: [{ text }], role: 'model' }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 310, candidatesTokenCount: 60, totalTokenCount: 370 },
    modelVersion: 'gemini-2.5-flash',
    responseId: 'a-response',
  }),
  openai: (content) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'a-model',
    choices: [
      { index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 310, completion_tokens: 60, total_tokens: 370 },
  }),
}
