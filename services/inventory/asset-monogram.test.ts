import { expect, test } from 'vitest'
import { drawMonogram, MONOGRAM_DISCS, MONOGRAM_INK } from './asset-monogram.ts'
import { loadCatalogue } from './catalogue.ts'

const PAGES = ['#F6F4EE', '#FDFCF9', '#EFECE3', '#0D0F13', '#14171D', '#1C2029']

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(left: string, right: string): number {
  const [dark = 0, light = 0] = [luminance(left), luminance(right)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

test('the letters can be read on every disc', () => {
  for (const disc of MONOGRAM_DISCS) expect(contrast(disc, MONOGRAM_INK)).toBeGreaterThan(4.5)
})

test('every disc stands out from light and from dark pages', () => {
  for (const disc of MONOGRAM_DISCS)
    for (const page of PAGES) expect(contrast(disc, page), `${disc} on ${page}`).toBeGreaterThan(3)
})

test('the same asset has the same picture, other assets have others', () => {
  const { assets } = loadCatalogue()
  const pictures = assets.map(drawMonogram)
  expect(assets.map(drawMonogram)).toEqual(pictures)
  expect(new Set(pictures).size).toBe(assets.length)
})

test('the catalogue makes use of every colour', () => {
  const used = new Set(
    loadCatalogue().assets.map((asset) => /fill="(#\w+)"/.exec(drawMonogram(asset))?.[1]),
  )
  expect(used).toEqual(new Set(MONOGRAM_DISCS))
})

test('short ids are written out, long ones keep their beginning', () => {
  const lettersOf = (assetId: string) =>
    />([^<]*)<\/text>/.exec(drawMonogram({ assetId, name: 'x' }))?.[1]
  expect(['S', 'OP', 'BTC', 'SHIB', 'RENDER'].map(lettersOf)).toEqual([
    'S',
    'OP',
    'BTC',
    'SHIB',
    'REN',
  ])
})

test('no text of an asset becomes markup', () => {
  const svg = drawMonogram({ assetId: `"'<&`, name: `"/><script>alert('1')</script>&amp;` })
  expect(svg).not.toContain('<script')
  expect(svg.match(/<(?!\/)[^\s>/]+/g)).toEqual(['<svg', '<title', '<circle', '<text'])
  expect(svg).toContain('&quot;/&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;')
  expect(svg).toContain('>&quot;&#39;&lt;&amp;</text>')
})
