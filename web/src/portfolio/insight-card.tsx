import { getPortfolioInsight, type PortfolioInsight } from '@cnop/contract/insights.ts'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { ask } from '../client/door.ts'
import { askAgain, capabilitiesQuery, OWN } from '../client/queries.ts'
import { Refusal } from '../client/refusal.tsx'
import { showMoment } from '../format/time.ts'
import { useAppearance } from '../frame/appearance.ts'
import { t } from '../messages.ts'
import { classes } from '../ui/class-names.ts'
import { Panel } from '../ui/panel.tsx'
import { Skeleton, Waiting } from '../ui/states.tsx'

const FRESH_MS = 5 * 60_000

/** Characters that fill two columns with lines. */
const LONG = 300

/** Asked again when the portfolio changes; a model that does not answer now is not pressed. */
const insightQuery = queryOptions({
  queryKey: [OWN, 'insight'],
  queryFn: async ({ signal }) => (await ask(getPortfolioInsight, { signal })).data,
  staleTime: FRESH_MS,
  refetchOnWindowFocus: false,
  retry: false,
})

/** A few sentences about the portfolio; nothing where the platform writes none. */
export function InsightCard() {
  const capabilities = useQuery(capabilitiesQuery)
  const on = capabilities.data?.features.includes('insights')
  return on === true ? <Insight /> : null
}

function Insight() {
  const insight = useQuery(insightQuery)
  if (insight.data === undefined && insight.error !== null) {
    return (
      <Panel title={t('In words')}>
        <Refusal title={t('Nothing could be written')} error={insight.error} onRetry={askAgain} />
      </Panel>
    )
  }
  return (
    <Panel title={t('In words')}>
      {insight.data === undefined ? (
        <Waiting what={t('A few sentences about your portfolio are being written.')}>
          <Skeleton className="h-4 w-full" />
          <Skeleton className="mt-2 h-4 w-full" />
          <Skeleton className="mt-2 h-4 w-2/3" />
          <Skeleton className="mt-5 h-4 w-48" />
        </Waiting>
      ) : (
        <Sentences insight={insight.data} />
      )}
    </Panel>
  )
}

function Sentences({ insight }: { readonly insight: PortfolioInsight }) {
  const hidden = useAppearance(({ hideBalances }) => hideBalances)
  const { summary, generated_at, model } = insight
  return (
    <div className="@container">
      <p
        className={classes(
          'max-w-[76ch]',
          summary.length > LONG && 'gap-x-12 @min-[840px]:max-w-none @min-[840px]:columns-2',
        )}
      >
        {hidden ? t('Hidden, because it speaks of your balances.') : summary}
      </p>
      <div className="mt-3 flex flex-wrap items-baseline gap-x-6 gap-y-1 text-xs text-ink-3">
        <p>
          {t('Written {time} by {writer}. A description of figures and no advice.', {
            time: showMoment(generated_at),
            writer: writerName(model),
          })}
        </p>
        <details>
          <summary className="inline-block py-1 underline underline-offset-2 hover:text-ink">
            {t('Why do I see this?')}
          </summary>
          <p className="mt-1 max-w-[76ch] text-sm text-ink-2">{reason(model)}</p>
        </details>
      </div>
    </div>
  )
}

const isByRules = (model: string): boolean => model === 'rule-based'

const writerName = (model: string): string =>
  isByRules(model) ? t('fixed rules') : t('the language model {model}', { model })

const reason = (model: string): string =>
  isByRules(model)
    ? t(
        'The sentences are made on this platform from your holdings, what they cost, your last ten orders and the value of the last 30 days. The same figures give the same sentences; nothing is sent anywhere.',
      )
    : t(
        'A language model was told shares, gains and moves of your portfolio and its value in whole dollars, not who you are. It can be wrong: trust the figures. The text is kept for a day, or until your portfolio changes.',
      )
