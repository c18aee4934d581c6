/** Any endpoint that speaks OpenAI's chat completions: a provider's, or one on this machine. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { Model } from './model.ts'
import { boundedFetch, sdkModel } from './sdk-model.ts'

export const createOpenAIModel = (options: {
  readonly baseUrl: string
  readonly model: string
  /** Absent where the endpoint asks for none. */
  readonly apiKey?: string | undefined
}): Model => {
  const { baseUrl: baseURL, model, apiKey } = options
  const provider = createOpenAICompatible({
    name: 'model',
    baseURL,
    fetch: boundedFetch,
    ...(apiKey === undefined ? {} : { apiKey }),
  })
  return sdkModel(model, provider.chatModel(model))
}
