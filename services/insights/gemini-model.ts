import { createGoogle } from '@ai-sdk/google'
import type { Model } from './model.ts'
import { boundedFetch, sdkModel } from './sdk-model.ts'

export const createGeminiModel = (options: {
  readonly apiKey: string
  readonly model: string
  /** Another address than Google's. */
  readonly baseUrl?: string | undefined
}): Model => {
  const { apiKey, model, baseUrl } = options
  const google = createGoogle({
    apiKey,
    fetch: boundedFetch,
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
  })
  return sdkModel(model, google.languageModel(model))
}
