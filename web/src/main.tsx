import './theme.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createPages } from './app.tsx'
import { session } from './client/door.ts'
import { queryClient } from './client/queries.ts'
import { followAppearance } from './frame/appearance.ts'

followAppearance()
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

const root = document.getElementById('root')
if (root === null) throw new Error('There is no place for the pages in this document.')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={pages} />
    </QueryClientProvider>
  </StrictMode>,
)
