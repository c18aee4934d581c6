// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import { __vitePreload } from './ask-together.ts'

afterEach(() => document.head.replaceChildren())

const askedFor = (): (string | null)[] =>
  [...document.head.querySelectorAll('link[rel=modulepreload]')].map((link) =>
    link.getAttribute('href'),
  )

describe('code', () => {
  it('is asked for together with all that it needs', async () => {
    const code = __vitePreload(async () => askedFor(), ['app/page.js', 'app/figures.js'])
    expect(await code).toEqual(['/app/page.js', '/app/figures.js'])
  })

  it('that was asked for once is not asked for again', async () => {
    await __vitePreload(async () => undefined, ['app/field.js'])
    await __vitePreload(async () => undefined, ['app/field.js', 'app/forms.js'])
    expect(askedFor()).toEqual(['/app/field.js', '/app/forms.js'])
  })

  it('that cannot be had says so to who asked for it', async () => {
    const lost = new TypeError('Failed to fetch dynamically imported module')
    await expect(__vitePreload(() => Promise.reject(lost))).rejects.toBe(lost)
  })
})
