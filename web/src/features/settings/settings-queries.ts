import { listApiKeys } from '@cnop/contract/api-key.ts'
import { getProfile } from '@cnop/contract/auth.ts'
import { getSecondFactor } from '@cnop/contract/second-factor.ts'
import { listSessions } from '@cnop/contract/session.ts'
import { queryOptions } from '@tanstack/react-query'
import { ask } from '../../client/door.ts'
import { OWN } from '../../client/queries.ts'

export const profileQuery = queryOptions({
  queryKey: [OWN, 'profile'],
  queryFn: ({ signal }) => ask(getProfile, { signal }),
})

export const sessionsQuery = queryOptions({
  queryKey: [OWN, 'sessions'],
  queryFn: async ({ signal }) => (await ask(listSessions, { signal })).data,
})

export const secondFactorQuery = queryOptions({
  queryKey: [OWN, 'second-factor'],
  queryFn: async ({ signal }) => (await ask(getSecondFactor, { signal })).data,
})

export const apiKeysQuery = queryOptions({
  queryKey: [OWN, 'api-keys'],
  queryFn: async ({ signal }) => (await ask(listApiKeys, { signal })).data,
})
