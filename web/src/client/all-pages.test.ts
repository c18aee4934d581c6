import { expect, it } from 'vitest'
import { allPages } from './all-pages.ts'

/** Three pages, of which one is short and still has another behind it. */
const PAGES = [
  { items: [1, 2], next: 'second' },
  { items: [], next: 'third' },
  { items: [3, 4], next: undefined },
]

function listing() {
  const asked: (string | undefined)[] = []
  const read = (cursor: string | undefined) => {
    asked.push(cursor)
    return Promise.resolve(PAGES[[undefined, 'second', 'third'].indexOf(cursor)]!)
  }
  return { asked, read }
}

it('an empty page with a cursor is not the end', async () => {
  const { asked, read } = listing()
  expect(await allPages(read, 100)).toEqual({ items: [1, 2, 3, 4], whole: true })
  expect(asked).toEqual([undefined, 'second', 'third'])
})

it('what was cut off is not called whole', async () => {
  expect(await allPages(listing().read, 2)).toEqual({ items: [1, 2], whole: false })
  expect(await allPages(listing().read, 3)).toEqual({ items: [1, 2, 3], whole: false })
  expect(await allPages(listing().read, 4)).toEqual({ items: [1, 2, 3, 4], whole: true })
})
