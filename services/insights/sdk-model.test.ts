/** The adapters of language models against a server that answers in their providers' shapes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGeminiModel } from './gemini-model.ts'
import type { Model } from './model.ts'
import { modelConformance } from './model-conformance.ts'
import { createOpenAIModel } from './openai-model.ts'
import {
  type Behaviour,
  type FakeProvider,
  type ProviderKind,
  startFakeProvider,
} from './testing/fake-provider.ts'
import { briefingOf, USUAL } from './testing/sample-briefing.ts'

const KEY = 'test-model-key'
const GOOD = 'Most of it is Bitcoin, 60% of the whole. A fall of 10% there costs 6%.'
const NEVER = new AbortController().signal
const OWN_WORDS =
  /^The model('s provider answered \d{3}| cannot be reached| wrote nothing that can be shown| sent more than \d+ bytes)\.$/

const ADAPTERS: Readonly<Record<ProviderKind, (baseUrl: string) => Model>> = {
  gemini: (baseUrl) => createGeminiModel({ apiKey: KEY, model: 'gemini-2.5-flash', baseUrl }),
  openai: (baseUrl) => createOpenAIModel({ apiKey: KEY, model: 'a-model', baseUrl }),
}

describe.each(['gemini', 'openai'] as const)('the adapter of %s', (kind) => {
  let provider: FakeProvider
  let model: Model

  beforeEach(async () => {
    provider = await startFakeProvider(kind)
    provider.behave({ say: GOOD })
    model = ADAPTERS[kind](provider.url)
  })
  afterEach(() => provider.close())

  modelConformance((work) => work(model))

  const write = (behaviour: Behaviour, signal: AbortSignal = NEVER): Promise<string> => {
    provider.behave(behaviour)
    return model.write(briefingOf(USUAL), signal)
  }

  it('asks once, with the key in a header and nowhere else', async () => {
    expect(await write({ say: GOOD })).toBe(GOOD)
    expect(provider.heard).toHaveLength(1)
    const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = provider.heard
    expect(path + body).not.toContain(KEY)
    expect(headers[kind === 'gemini' ? 'x-goog-api-key' : 'authorization']).toContain(KEY)
  })

  it('tells figures of the portfolio, and nothing of whose it is', async () => {
    await write({ say: GOOD })
    const [{ body } = { body: '' }] = provider.heard
    expect(body.length).toBeLessThan(4_000)
    expect(body).toContain('Bitcoin')
    expect(body).not.toMatch(/order-\d|username|user_id|mail|@/i)
  })

  it.each<[string, Behaviour, object]>([
    ['an answer of 401', { status: 401 }, { kind: 'refused' }],
    ['an answer of 400', { status: 400 }, { kind: 'refused' }],
    [
      'an answer of 429',
      { status: 429, retryAfter: '7' },
      { kind: 'rate-limited', retryAfterSeconds: 7 },
    ],
    [
      'an endless wait after 429',
      { status: 429, retryAfter: '999999' },
      { retryAfterSeconds: 300 },
    ],
    ['an odd wait after 429', { status: 429, retryAfter: 'soon' }, { retryAfterSeconds: 30 }],
    ['an answer of 500', { status: 500 }, { kind: 'unreachable' }],
    ['an answer of 503', { status: 503, body: '<html>busy</html>' }, { kind: 'unreachable' }],
    ['a broken connection', 'a hangup', { kind: 'unreachable' }],
    ['a way to another host', 'elsewhere', { kind: 'unreachable' }],
    ['no JSON', { raw: 'It works!' }, { kind: 'broken-answer' }],
    ['JSON of another shape', { raw: '{"hello":"world"}' }, { kind: 'broken-answer' }],
    ['an empty answer', { say: '' }, { kind: 'broken-answer' }],
    [
      'nothing but markup',
      { say: '<b></b> ** [](https://evil.example)' },
      { kind: 'broken-answer' },
    ],
    ['text without an end', { say: 'word '.repeat(4_000) }, { kind: 'broken-answer' }],
    ['more bytes than a text has', 'a flood', { kind: 'broken-answer' }],
  ])('makes %s a fault of its own words', async (_, behaviour, fault) => {
    const told: unknown = await write(behaviour).catch((error: unknown) => error)
    expect(told).toMatchObject({ name: 'ModelFault', ...fault })
    expect((told as Error).message).toMatch(OWN_WORDS)
    expect((told as Error).cause).toBeUndefined()
  })

  it('does not carry the key where it is sent', async () => {
    await write('elsewhere').catch(() => undefined)
    expect(provider.heard.map(({ path }) => path)).not.toContain('/elsewhere')
  })

  it.each<Behaviour>(['silence', 'a trickle'])('gives %s up in time', async (behaviour) => {
    const from = performance.now()
    await expect(write(behaviour, AbortSignal.timeout(300))).rejects.toMatchObject({
      kind: 'unreachable',
      message: 'The model did not answer in time.',
    })
    expect(performance.now() - from).toBeLessThan(5_000)
  })

  it('takes an address out of a sentence, and leaves the sentence its end', async () => {
    const say = 'Most of it is cash. More about that at https://evil.example/x.'
    expect(await write({ say })).toBe('Most of it is cash. More about that at.')
  })

  it('shows of a malicious answer only text', async () => {
    const say =
      '**Good** news <img src=x onerror=alert(1)>: see [this](https://evil.example/a) or www.evil.example/b and evil.example. Write to thief@evil.example\u202e now! One. Two. Three. Four.'
    const text = await write({ say })
    expect(text).toBe('Good news: see this or and. Write to now! One. Two.')
  })
})

describe('the rule-based writer', async () => {
  const { createRuleBasedModel } = await import('./rule-based-model.ts')
  modelConformance((work) => work(createRuleBasedModel()))
})
