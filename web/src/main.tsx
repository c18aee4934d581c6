import './theme.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, startTransition } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { createPages } from './app.tsx'
import { session } from './client/door.ts'
import { queryClient } from './client/queries.ts'
import { chooseFormats, WRITTEN_IN } from './format/formats.ts'
import { followAppearance } from './frame/appearance.ts'
import { firstPage } from './frame/use-title.ts'
import { actOn, noteTyped, readTakenOver, type TakenOver } from './take-over.ts'

const stopWaiting = session.onChange(() => {
  if (session.state() !== 'signed-in') return
  stopWaiting()
  void import('./frame/account-preferences.ts').then(({ followAccount }) => followAccount())
})

const pages = createPages()
// Whoever is signed out, here or elsewhere, is led away from what is only for customers.
session.onChange((change) => {
  if (change === 'ended') void pages.invalidate()
})

const { dataset } = document.documentElement
session.onChange(() => {
  if (session.state() === 'signed-out') delete dataset['customer']
  else dataset['customer'] = ''
})

/** Every document of the door has this place. */
const root = document.getElementById('root') as HTMLElement
const page = (
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={pages} />
    </QueryClientProvider>
  </StrictMode>
)

/** What a page shows where its address asks for nothing in particular. */
const PLAIN = new Set(['next'])
/** A page that cannot be shown never says that it stands. */
const LANDING_MS_MAX = 5_000

/** What was written for this address is taken over as it stands; anything else makes way at once. */
async function takeOver(place: HTMLElement, written: TakenOver): Promise<void> {
  const restore = noteTyped(place)
  chooseFormats(WRITTEN_IN)
  pages.ssr = { manifest: undefined }
  await pages.load()
  const asked = Object.keys(pages.state.matches.at(-1)?.search ?? {})
  const isThis = written.path === location.pathname && asked.every((name) => PLAIN.has(name))
  // In pieces between which the page answers: what it shows stands already.
  if (isThis) startTransition(() => void hydrateRoot(place, page))
  else createRoot(place).render(page)
  await Promise.race([firstPage, new Promise((late) => setTimeout(late, LANDING_MS_MAX))])
  followAppearance()
  restore()
  actOn(place, written)
}

const taken = readTakenOver()
if (taken === undefined) {
  followAppearance()
  createRoot(root).render(page)
} else void takeOver(root, taken)
