import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ordersQuery } from '../client/own-orders.ts'
import { portfolioQuery } from '../client/own-queries.ts'
import { useSessionState } from '../client/use-session.ts'
import { type OwnMarks, ownMarks } from './own-marks.ts'

/** Nothing for a stranger, and nothing until it is known. */
export function useOwnMarks(assetId: string): OwnMarks {
  const enabled = useSessionState() === 'signed-in'
  const holdings = useQuery({ ...portfolioQuery, enabled }).data?.assets
  const pages = useInfiniteQuery({ ...ordersQuery({ asset_id: assetId }), enabled }).data?.pages
  const cost = holdings?.find(({ asset_id }) => asset_id === assetId)?.average_cost
  return useMemo(() => ownMarks(cost, pages?.flatMap(({ data }) => data) ?? []), [cost, pages])
}
