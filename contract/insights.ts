import { type Static, Type } from 'typebox'
import { dataOf, defineRoute, Instant } from './route.ts'

export const PortfolioInsight = Type.Object({
  summary: Type.String({ description: 'Two to four sentences of plain text; no advice' }),
  generated_at: Instant,
  model: Type.String({
    description: 'Who wrote it: `rule-based`, or the name of a language model',
  }),
})
export type PortfolioInsight = Static<typeof PortfolioInsight>

export const getPortfolioInsight = defineRoute({
  name: 'getPortfolioInsight',
  service: 'insights',
  method: 'GET',
  path: '/insights/portfolio',
  access: 'customer',
  scope: 'read',
  summary: 'A short written analysis of what I own',
  answer: dataOf(PortfolioInsight),
})
