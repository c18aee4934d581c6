import { createHash } from 'node:crypto'
import { PROBLEM_CODES } from '@cnop/contract/problem.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import { describe, expect, test } from 'vitest'
import { startTinyPlatform } from '../testing/tiny-platform.ts'
import { renderDocs } from './docs-page.ts'

const page = renderDocs({ version: '1.2.3 <b>' })

describe('the page at /docs', () => {
  test('has a place for every route and every refusal, each once', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { name } of PUBLIC_ROUTES) expect(ids).toContain(name)
    for (const code of PROBLEM_CODES) expect(ids).toContain(`problem-${code}`)
  })

  test('leads nowhere that is not there', () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    const links = [...page.matchAll(/ href="([^"]+)"/g)].map(([, link = '']) => link)
    expect(links.length).toBeGreaterThan(PUBLIC_ROUTES.length * 5)
    const dead = links.filter(
      (link) => !(link.startsWith('#') ? ids.has(link.slice(1)) : link === '/openapi.json'),
    )
    expect(dead).toEqual([])
  })

  test('loads nothing, runs nothing, and shows text as text', () => {
    expect(page).not.toMatch(/<script|<link|<img|src=|style="| on[a-z]+="|https?:/)
    expect(page).toContain('1.2.3 &lt;b&gt;')
  })

  test('says what a field may be', () => {
    expect(page).toContain('Give a plain decimal such as 12.5, without sign or exponent.')
    expect(page).toContain('Use 6 to 30 letters, digits or underscores.')
    expect(page).toContain('market_buy · market_sell')
    expect(page).toContain('<code>data.fill.price</code>')
  })

  test('is served with a policy that knows its one style sheet', async () => {
    const platform = await startTinyPlatform()
    const answer = await platform.gateway.app.inject({ method: 'GET', url: '/docs' })
    await platform.close()
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(answer.body) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
  })
})
