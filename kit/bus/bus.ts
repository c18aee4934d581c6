/**
 * The bus carries hints: prices, wake-ups. A message may be lost or doubled; whoever hears one
 * reads the truth from the store.
 */
export type Bus = {
  publish(channel: string, message: string): void
  /** Returns what ends the subscription. */
  subscribe(channel: string, hear: (message: string) => void): () => void
  close(): Promise<void>
}
