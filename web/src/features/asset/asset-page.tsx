export function AssetPage() {
  return <p>AssetPage</p>
}
