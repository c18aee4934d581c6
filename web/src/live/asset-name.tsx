import { classes } from '../ui/class-names.ts'

/** The drawn monogram with the name and the symbol beside it. */
export function AssetName({
  name,
  symbol,
  image,
  stacked = false,
}: {
  readonly name: string
  readonly symbol: string
  readonly image: string
  /** The symbol below the name. */
  readonly stacked?: boolean
}) {
  return (
    <span className="flex min-w-0 items-center gap-3">
      <img
        src={image}
        alt=""
        width="28"
        height="28"
        loading="lazy"
        decoding="async"
        className="size-7 shrink-0 rounded-full"
      />
      <span
        className={classes('min-w-0', stacked ? 'grid leading-5' : 'flex items-baseline gap-1.5')}
      >
        <span className="truncate font-semibold">{name}</span>
        <span className={classes('text-ink-3', stacked && 'text-xs')}>{symbol}</span>
      </span>
    </span>
  )
}
