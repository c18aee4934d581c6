import { readFileSync } from 'node:fs'
import { PROBLEMS } from '@cnop/contract/problem.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import type { Route } from '@cnop/contract/route.ts'
import { describe, expect, test } from 'vitest'
import { OPENAPI_FILE, printOpenApi } from './openapi-command.ts'
import { openApiDocument } from './openapi-document.ts'

type Loose = { readonly [name: string]: Loose } & readonly Loose[] & string

const document = JSON.parse(JSON.stringify(openApiDocument({ version: '1.2.3' }))) as Loose
const operations = Object.values(document['paths'] ?? {}).flatMap((path) => Object.values(path))

const at = (pointer: string): unknown =>
  pointer
    .slice(2)
    .split('/')
    .reduce<Loose | undefined>((value, name) => value?.[name], document)

function* walk(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return
  yield value as Record<string, unknown>
  for (const inner of Object.values(value)) yield* walk(inner)
}

describe('the OpenAPI document', () => {
  test('is the one in the repository: print it again when a route changes', () => {
    expect(readFileSync(OPENAPI_FILE, 'utf8')).toBe(printOpenApi())
  })

  test('names every public route once, and no other', () => {
    const names = operations.map((operation) => operation['operationId'])
    expect(names.toSorted()).toEqual(PUBLIC_ROUTES.map(({ name }) => name).toSorted())
    for (const route of PUBLIC_ROUTES as readonly Route[]) {
      const path = route.path.replace(/:([a-z_]+)/g, '{$1}')
      const operation = document['paths']?.[path]?.[route.method.toLowerCase()]
      expect([route.name, operation?.['operationId']]).toEqual([route.name, route.name])
    }
  })

  test('leads nowhere with no reference, and leaves nothing unnamed that is named', () => {
    const references = [...walk(document)].flatMap(({ $ref }) =>
      typeof $ref === 'string' ? [$ref] : [],
    )
    expect(references.length).toBeGreaterThan(100)
    for (const reference of references)
      expect([reference, typeof at(reference)]).toEqual([reference, 'object'])
    const schemas = Object.keys(document['components']?.['schemas'] ?? {})
    const text = JSON.stringify(document)
    const unused = schemas.filter((name) => !text.includes(`#/components/schemas/${name}`))
    expect(unused).toEqual([])
  })

  test('gives every parameter of a path a place', () => {
    for (const [path, methods] of Object.entries(document['paths'] ?? {})) {
      const names = [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name)
      for (const { parameters = [] as unknown as Loose } of Object.values(methods) as unknown as {
        parameters?: Loose
      }[]) {
        const given = parameters.filter((parameter) => parameter['in'] === 'path')
        expect(given.map((parameter) => [parameter['name'], parameter['required']])).toEqual(
          names.map((name) => [name, true]),
        )
      }
    }
  })

  test('lists each refusal under its status, with its code', () => {
    const place = document['paths']?.['/orders']?.['post']?.['responses']
    const codes = Object.entries(place ?? {}).flatMap(([status, response]) => {
      const { $ref = '#/none' } = response as { $ref?: string }
      const refused = at($ref) as Loose | undefined
      const schema = refused?.['content']?.['application/problem+json']?.['schema']
      const found = (schema?.['allOf']?.[1]?.['properties']?.['code']?.['enum'] ??
        []) as readonly string[]
      return found.map((code) => [status, code] as const)
    })
    for (const [status, code] of codes)
      expect(String(PROBLEMS[code as keyof typeof PROBLEMS].status)).toBe(status)
    expect(codes.map(([, code]) => code)).toEqual(
      expect.arrayContaining([
        'not-signed-in',
        'bad-token',
        'insufficient-funds',
        'invalid-input',
        'rate-limited',
        'prices-stale',
      ]),
    )
    expect(Object.keys(place ?? {})).toContain('201')
  })

  test('says who must sign in, with what, and where a key or a code is honoured', () => {
    for (const route of PUBLIC_ROUTES as readonly Route[]) {
      const operation = operations.find(({ operationId }) => operationId === route.name)
      const keyed = route.scope === 'session' ? [] : [{ apiKey: [route.scope] }]
      const signedIn = [{ accessToken: [] }, ...keyed]
      const expected = {
        public: route.cookie ? [{ refreshCookie: [] }] : [],
        customer: signedIn,
        either: [{}, ...signedIn],
      }
      expect([route.name, operation?.['security']]).toEqual([
        route.name,
        expected[route.access as keyof typeof expected],
      ])
      const printed = JSON.stringify(operation)
      const honours = ['IdempotencyKey', 'SecondFactor'].map((name) =>
        printed.includes(`#/components/parameters/${name}"`),
      )
      expect([route.name, ...honours]).toEqual([route.name, route.idempotent, route.secondFactor])
    }
    const schemes = Object.keys(document['components']?.['securitySchemes'] ?? {})
    expect(schemes).toEqual(['accessToken', 'apiKey', 'refreshCookie'])
  })

  test('lists what the door refuses with', () => {
    const refusalsOf = (path: string, method: string) =>
      JSON.stringify(document['paths']?.[path]?.[method]?.['responses'])
    for (const code of ['ScopeMissing', 'SecondFactorRequired', 'UrlTooLong', 'Overloaded'])
      expect(refusalsOf('/balance/withdraw', 'post')).toContain(code)
    expect(refusalsOf('/auth/refresh', 'post')).toContain('CrossSiteRequest')
    expect(refusalsOf('/balance', 'get')).not.toMatch(/SecondFactor|CrossSite/)
  })

  test('says that digits may come as text or as a number, and keeps no words of ours', () => {
    const amount = document['paths']?.['/balance/deposit']?.['post']?.['requestBody']
    const schema = amount?.['content']?.['application/json']?.['schema']?.['properties']?.['amount']
    expect(schema).toMatchObject({ type: ['string', 'number'], pattern: expect.any(String) })
    expect(JSON.stringify(document)).not.toMatch(/x-decimal|x-rule/)
  })
})
