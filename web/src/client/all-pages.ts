/** A listing to its end, for a file: page after page, in the order it is told. */

type Page<Item> = { readonly items: readonly Item[]; readonly next: string | undefined }

/** Stops at `max` items, and says whether there was more. Throws what a page is refused with. */
export async function allPages<Item>(
  read: (cursor: string | undefined) => Promise<Page<Item>>,
  max: number,
): Promise<{ readonly items: readonly Item[]; readonly whole: boolean }> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    items.push(...page.items)
    cursor = page.next
  } while (cursor !== undefined && items.length < max)
  return { items: items.slice(0, max), whole: cursor === undefined && items.length <= max }
}
