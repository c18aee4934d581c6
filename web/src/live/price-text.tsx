import { showPrice } from '../format/money.ts'

/** A price that stands still, in full for those who listen. */
export function PriceText({ price }: { readonly price: string }) {
  const { shown, spoken } = showPrice(price)
  if (spoken === undefined) return shown
  return (
    <span>
      <span aria-hidden="true">{shown}</span>
      <span className="sr-only">{spoken}</span>
    </span>
  )
}
