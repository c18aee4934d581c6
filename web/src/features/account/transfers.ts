/**
 * The deposit and the withdrawal of this visit. They outlive the page, so that who has to sign in
 * again comes back to what was typed, and nothing whose outcome is unknown is forgotten.
 */
import { deposit, withdraw } from '@cnop/contract/balance.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { useEffect } from 'react'
import { create } from 'zustand'
import { ask, newKey, session } from '../../client/door.ts'
import { balanceQuery } from '../../client/own-queries.ts'
import { queryClient } from '../../client/queries.ts'
import { CASH } from './cash-queries.ts'
import {
  arrived,
  EMPTY,
  failed,
  leftBehind,
  type Request,
  requestOf,
  sending,
  type Transfer,
  type TransferKind,
  typedInto,
} from './transfer.ts'

const useTransfers = create<Readonly<Record<TransferKind, Transfer>>>(() => ({
  deposit: EMPTY,
  withdraw: EMPTY,
}))

session.onChange((change) => {
  if (change !== 'ended') return
  const now = useTransfers.getState()
  useTransfers.setState({ deposit: leftBehind(now.deposit), withdraw: leftBehind(now.withdraw) })
})

export type TransferDesk = Transfer & {
  type(typed: string): void
  /** Sends the draft, the first time or again. */
  send(): Promise<void>
  /** Puts the receipt away, or the question whether it arrived: the next transfer is another one. */
  leave(): void
}

export function useTransfer(kind: TransferKind): TransferDesk {
  const transfer = useTransfers((transfers) => transfers[kind])
  // A receipt has been read once the page is left.
  useEffect(() => () => put(kind, leftBehind), [kind])
  return {
    ...transfer,
    type: (typed) => put(kind, (now) => typedInto(now, typed)),
    async send() {
      const request = requestOf(useTransfers.getState()[kind], newKey)
      if (request === undefined) return
      put(kind, (now) => sending(now, request))
      const next = await sent(kind, request)
      put(kind, next)
      void queryClient.invalidateQueries({ queryKey: CASH })
      void queryClient.invalidateQueries({ queryKey: balanceQuery.queryKey })
    },
    leave: () => put(kind, (now) => (now.stage.at === 'sending' ? now : EMPTY)),
  }
}

/** What becomes of the transfer. Never throws. */
async function sent(
  kind: TransferKind,
  { key, amount }: Request,
): Promise<(now: Transfer) => Transfer> {
  const request = { key, amount }
  try {
    const route = kind === 'deposit' ? deposit : withdraw
    const answer = await ask(route, { body: { amount }, idempotencyKey: key })
    return () => arrived(request, answer)
  } catch (thrown) {
    const problem =
      thrown instanceof Problem ? thrown : new Problem('dependency-down', { cause: thrown })
    return (now) => failed(now, request, problem)
  }
}

const put = (kind: TransferKind, next: (now: Transfer) => Transfer): void =>
  useTransfers.setState((transfers) => ({ [kind]: next(transfers[kind]) }))
