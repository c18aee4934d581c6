import './theme.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createPages } from './app.tsx'
import { queryClient } from './client/queries.ts'
import { followAppearance } from './frame/appearance.ts'

followAppearance()

const root = document.getElementById('root')
if (root === null) throw new Error('There is no place for the pages in this document.')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={createPages()} />
    </QueryClientProvider>
  </StrictMode>,
)
