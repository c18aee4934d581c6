/** Every customer's books, one after another, and the house's over all of them. */
import { formatDecimal } from '@cnop/contract/money.ts'
import { stateHash } from '@cnop/kit/store/state-hash.ts'
import { STORE_LIMITS, type StoreReader } from '@cnop/kit/store/store.ts'
import { userIdOf } from '../ledger/account-rows.ts'
import { auditAccount } from './audit-account.ts'
import { type AssetSums, createHouseBook } from './house-book.ts'

export type StoreAudit = {
  readonly accounts: number
  readonly events: number
  readonly sums: ReadonlyMap<string, AssetSums>
  readonly stateHash: string
  /** The first break, and where: the audit ends with it. */
  readonly broken?: { readonly where: string; readonly rule: string; readonly detail: string }
}

/** Memory holds one page of one customer's journal, however many there are. */
export async function auditStore({
  store,
  nowMs,
}: {
  /** As it is at one moment: a reader of the file, or a store at rest. */
  store: Pick<StoreReader, 'snapshot' | 'query' | 'partitions'>
  nowMs: number
}): Promise<StoreAudit> {
  const house = createHouseBook()
  let accounts = 0
  let events = 0
  const told = (hash: string) => ({ accounts, events, sums: house.sums, stateHash: hash })
  for await (const partition of partitionsOf(store)) {
    const userId = userIdOf(partition)
    if (userId === undefined) {
      const broken = { where: partition, rule: 'L6', detail: 'is no partition of a customer' }
      return { ...told(''), broken }
    }
    const audit = await auditAccount({ store, userId, nowMs, listener: house })
    house.endOfCustomer()
    accounts += 1
    events += audit.events
    const failed = audit.checks.find(({ ok }) => !ok)
    if (failed !== undefined) {
      const { rule, detail = '' } = failed
      return { ...told(''), broken: { where: `account ${userId}`, rule, detail } }
    }
  }
  const verdict = house.verdict()
  if (verdict !== undefined) return { ...told(''), broken: { where: 'all accounts', ...verdict } }
  return told(await stateHash(store))
}

async function* partitionsOf(store: Pick<StoreReader, 'partitions'>): AsyncGenerator<string> {
  let after = ''
  for (;;) {
    const page = await store.partitions(after, STORE_LIMITS.queryRowsMax)
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    after = last
  }
}

/** The lines that the command prints. */
export function describeAudit(audit: StoreAudit): string {
  if (audit.broken !== undefined) {
    const { where, rule, detail } = audit.broken
    return `BROKEN ${rule} in ${where}: ${detail} (${audit.accounts} accounts, ${audit.events} events read)`
  }
  const sums = [...audit.sums]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([asset, { scale, available, held, house, fees, outside }]) => {
      const text = (units: bigint) => formatDecimal(units, scale)
      return `${asset}: customers ${text(available + held)} (held ${text(held)}), house ${text(house)}, fees ${text(fees)}, outside ${text(outside)}`
    })
  return [
    ...sums,
    `OK ${audit.accounts} accounts, ${audit.events} events, state ${audit.stateHash}`,
  ].join('\n')
}
