import { type OrderBody, type OrderPreview, previewOrder } from '@cnop/contract/order.ts'
import type { Problem } from '@cnop/contract/problem.ts'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { ask } from '../../client/door.ts'
import { OWN } from '../../client/queries.ts'
import { problemOf } from './settle-order.ts'

const STILL_MS = 300
const AGAIN_MS = 4_000

export type Estimate = {
  readonly preview: OrderPreview | undefined
  /** What is shown is of an earlier draft. */
  readonly passed: boolean
  readonly problem: Problem | undefined
  again(): void
}

/** What the drafted order would cost, asked of the platform once the typing rests, and again with the market. */
export function useEstimate(body: OrderBody | undefined, enabled: boolean): Estimate {
  const asked = useRested(body === undefined ? undefined : JSON.stringify(body))
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: [OWN, 'preview', asked],
    queryFn: async ({ signal }) =>
      (await ask(previewOrder, { body: JSON.parse(asked ?? '') as OrderBody, signal })).data,
    enabled: enabled && asked !== undefined,
    placeholderData: (before) => before,
    staleTime: 0,
    gcTime: AGAIN_MS,
    retry: false,
    refetchInterval: ({ state }) =>
      state.error === null
        ? AGAIN_MS
        : Math.max(AGAIN_MS, (problemOf(state.error).retryAfterSeconds ?? 0) * 1_000),
  })
  const fits = data?.order_type === body?.order_type && data?.asset_id === body?.asset_id
  const again = (): void => void refetch()
  const isOf = body !== undefined && asked === JSON.stringify(body)
  if (body === undefined || !enabled) {
    return { preview: undefined, passed: false, problem: undefined, again }
  }
  return {
    preview: error === null && fits ? data : undefined,
    passed: !isOf || isPlaceholderData,
    problem: isOf && error !== null ? problemOf(error) : undefined,
    again,
  }
}

/** The value once it has stayed the same for a moment; nothing is nothing at once. */
function useRested(value: string | undefined): string | undefined {
  const [rested, setRested] = useState(value)
  useEffect(() => {
    if (value === undefined) {
      setRested(undefined)
      return
    }
    const timer = setTimeout(() => setRested(value), STILL_MS)
    return () => clearTimeout(timer)
  }, [value])
  return rested
}
