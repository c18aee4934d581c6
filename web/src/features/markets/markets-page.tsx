export function MarketsPage() {
  return <p>MarketsPage</p>
}
