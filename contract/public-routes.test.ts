import { expect, test } from 'vitest'
import { PUBLIC_ROUTES } from './public-routes.ts'
import type { Route } from './route.ts'

const routes: readonly Route[] = PUBLIC_ROUTES

test('every route says which scope it needs, exactly where a customer is asked for', () => {
  const silent = routes.filter(
    ({ access, scope }) => (access === 'public') !== (scope === undefined),
  )
  expect(silent.map(({ name }) => name)).toEqual([])
})

test('a key that only reads changes nothing', () => {
  const changing = routes.filter(({ method, scope }) => method !== 'GET' && scope === 'read')
  expect(changing.map(({ name }) => name)).toEqual(['previewOrder'])
})

test('no key withdraws, and no key changes who may come in', () => {
  const forPeople = routes.filter(({ scope }) => scope === 'session').map(({ name }) => name)
  expect(forPeople).toContain('withdraw')
  const ofAuth = routes.filter(({ service, access }) => service === 'auth' && access === 'customer')
  expect(ofAuth.filter(({ scope }) => scope !== 'session').map(({ name }) => name)).toEqual([
    'getProfile',
  ])
})

test('what asks for the second factor again is known to need a person', () => {
  const asking = routes.filter(({ secondFactor }) => secondFactor)
  expect(asking.length).toBeGreaterThan(3)
  expect(asking.filter(({ scope }) => scope !== 'session')).toEqual([])
})
