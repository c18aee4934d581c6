import type { Capabilities } from '@cnop/contract/capabilities.ts'
import type { AssetDetail } from '@cnop/contract/inventory.ts'
import type { Problem } from '@cnop/contract/problem.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { assetBalancesQuery, balanceQuery } from '../../client/own-queries.ts'
import { ProblemNote, useSecondsLeft } from '../../client/problem-note.tsx'
import { capabilitiesQuery } from '../../client/queries.ts'
import { prices } from '../../client/stream.ts'
import { useSessionState } from '../../client/use-session.ts'
import { showQuantity, showUsd, UNKNOWN } from '../../format/money.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { t } from '../../messages.ts'
import { Button, buttonClasses } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { DecimalField } from '../../ui/decimal-field.tsx'
import {
  draftOfShare,
  type Means,
  orderOf,
  type Pair,
  placesOf,
  SHARES,
  type Share,
  type Side,
} from './draft.ts'
import { EstimateLines } from './estimate-lines.tsx'
import { NothingToSell } from './nothing-to-sell.tsx'
import { amountWords, isAboutAmount, momentWords } from './problem-words.ts'
import { SideChoice } from './side-choice.tsx'
import type { TicketDesk } from './tickets.ts'
import { useEstimate } from './use-estimate.ts'

type FormParts = {
  readonly desk: TicketDesk
  readonly asset: AssetDetail
  readonly side: Side
}

/** What to trade and how much, with what it would come to by the platform's own reckoning. */
export function DraftForm({
  offered,
  onSide,
  ...parts
}: FormParts & {
  readonly offered: readonly Side[]
  readonly onSide: (side: Side) => void
}) {
  const { desk, asset, side } = parts
  const state = useSessionState()
  const purse = usePurse(asset, state === 'signed-in')
  const [reviewing, setReviewing] = useState(false)
  const order = orderOf(desk.draft, pairOf(asset, side))
  const estimate = useEstimate(order, state === 'signed-in')
  const problem = estimate.problem ?? (desk.stage.at === 'draft' ? desk.stage.problem : undefined)
  const secondsLeft = useSecondsLeft(problem)

  async function review(): Promise<void> {
    if (order === undefined || reviewing || state !== 'signed-in') return
    setReviewing(true)
    await desk.review(order)
    setReviewing(false)
  }

  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void review()
      }}
    >
      <SideChoice offered={offered} value={side} onPick={onSide} />
      {side === 'sell' && isNone(purse.holding) ? (
        <NothingToSell symbol={asset.symbol} />
      ) : (
        <>
          <Amount {...parts} purse={purse} problem={problem} />
          <EstimateLines
            side={side}
            symbol={asset.symbol}
            estimate={estimate}
            feeBasisPoints={purse.limits?.fee_basis_points}
          />
          {problem === undefined || isAboutAmount(problem) ? null : (
            <ProblemNote
              problem={problem}
              words={momentWords(problem, asset.symbol)}
              secondsLeft={secondsLeft}
              {...(estimate.problem === undefined ? {} : { onRetry: estimate.again })}
            />
          )}
          <Submit
            side={side}
            asset={asset}
            ready={order !== undefined && secondsLeft === 0}
            busy={reviewing}
          />
        </>
      )}
    </form>
  )
}

const pairOf = ({ asset_id, quantity_scale }: AssetDetail, side: Side): Pair => ({
  assetId: asset_id,
  side,
  scale: quantity_scale,
})

const isNone = (amount: string | undefined): boolean =>
  amount !== undefined && !/[1-9]/.test(amount)

function Amount({
  desk: { draft, edit },
  asset,
  side,
  purse,
  problem,
}: FormParts & { readonly purse: Purse; readonly problem: Problem | undefined }) {
  const { symbol, quantity_scale: scale } = asset
  const { limits, means } = purse
  const available = side === 'buy' ? purse.cash : purse.holding
  const places = placesOf(draft.measure, scale)
  return (
    <div className="grid gap-3">
      <div className="flex min-h-8 items-center justify-between gap-3">
        <Choice
          label={t('Say how much in')}
          value={draft.measure}
          onPick={(measure) => edit({ measure, typed: '' })}
          options={[
            { value: 'cash', label: 'USD' },
            { value: 'quantity', label: symbol },
          ]}
        />
        <p className="text-right text-xs text-ink-3">
          {t('Available')}
          <span className="block text-sm font-medium text-ink-2">
            <Available side={side} amount={available} symbol={symbol} />
          </span>
        </p>
      </div>
      <DecimalField
        label={draft.measure === 'cash' ? t('Amount in dollars') : t('Quantity')}
        value={draft.typed}
        onType={(typed) => edit({ ...draft, typed })}
        placesMax={places}
        unit={draft.measure === 'cash' ? 'USD' : symbol}
        unclear={t('Give a plain number, with {places} decimal places at most.', { places })}
        understood={(text) => t('Read as {number}', { number: showQuantity(text) })}
        hint={limits && limitWords(limits)}
        error={
          problem !== undefined && isAboutAmount(problem)
            ? amountWords(problem, { symbol, ...purse })
            : undefined
        }
      />
      <Shares
        disabled={means === undefined || available === undefined || isNone(available)}
        onPick={(share) => {
          if (means !== undefined) edit(draftOfShare(share, pairOf(asset, side), means))
        }}
      />
    </div>
  )
}

const limitWords = ({ order_notional_min, order_notional_max }: Limits): string =>
  t('{min} to {max} an order', {
    min: showUsd(order_notional_min),
    max: showUsd(order_notional_max),
  })

type Limits = Capabilities['limits']

type Purse = {
  readonly limits: Limits | undefined
  readonly cash: string | undefined
  readonly holding: string | undefined
  /** Everything that a share is reckoned from, once all of it is known. */
  readonly means: Means | undefined
}

/** What there is to trade with, as far as it is known. */
function usePurse(asset: AssetDetail, signedIn: boolean): Purse {
  const limits = useQuery(capabilitiesQuery).data?.limits
  const balance = useQuery({ ...balanceQuery, enabled: signedIn }).data
  const holdings = useQuery({ ...assetBalancesQuery, enabled: signedIn }).data
  const cash = balance?.available_balance
  const held = holdings?.find(({ asset_id }) => asset_id === asset.asset_id)
  const holding = holdings && (held?.available ?? '0')
  const price = prices.priceOf(asset.asset_id)?.price ?? asset.price_usd ?? undefined
  const means =
    cash === undefined || holding === undefined || price === undefined || limits === undefined
      ? undefined
      : {
          cash,
          holding,
          price,
          orderMax: limits.order_notional_max,
          feeBasisPoints: limits.fee_basis_points,
        }
  return { limits, cash, holding, means }
}

function Available({
  side,
  amount,
  symbol,
}: {
  readonly side: Side
  readonly amount: string | undefined
  readonly symbol: string
}) {
  if (amount === undefined) return UNKNOWN
  return (
    <PrivateFigure>
      {side === 'buy' ? showUsd(amount) : `${showQuantity(amount)} ${symbol}`}
    </PrivateFigure>
  )
}

function Shares({
  disabled,
  onPick,
}: {
  readonly disabled: boolean
  readonly onPick: (share: Share) => void
}) {
  return (
    <fieldset className="grid grid-cols-4 gap-2">
      <legend className="sr-only">{t('A share of what is available')}</legend>
      {SHARES.map((share) => (
        <Button
          key={share}
          size="sm"
          className="px-0"
          disabled={disabled}
          onClick={() => onPick(share)}
        >
          {share === 100 ? t('Max') : `${share}%`}
        </Button>
      ))}
    </fieldset>
  )
}

function Submit({
  side,
  asset: { symbol, asset_id: assetId },
  ready,
  busy,
}: {
  readonly side: Side
  readonly asset: AssetDetail
  readonly ready: boolean
  readonly busy: boolean
}) {
  const state = useSessionState()
  if (state === 'signed-out') {
    const next = side === 'buy' ? `/trade/${assetId}` : `/trade/${assetId}?side=sell`
    return (
      <div className="grid gap-2">
        <Link to="/login" search={{ next }} className={buttonClasses('primary', 'lg')}>
          {t('Sign in to trade')}
        </Link>
        <Link to="/register" search={{ next }} className={buttonClasses('quiet', 'md')}>
          {t('Open a paper account')}
        </Link>
      </div>
    )
  }
  return (
    <Button
      type="submit"
      look="primary"
      size="lg"
      busy={busy}
      disabled={!ready || state === 'unknown'}
    >
      {side === 'buy'
        ? t('Review purchase of {symbol}', { symbol })
        : t('Review sale of {symbol}', { symbol })}
    </Button>
  )
}
