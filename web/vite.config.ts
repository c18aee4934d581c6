import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import subsetFont from 'subset-font'
import { defineConfig, type Plugin } from 'vite'

/** Latin with accents, and the signs that prices and sentences here are written with. */
const LETTERS = [...range(0x20, 0x7e), ...range(0xa0, 0xff)]
  .map((code) => String.fromCharCode(code))
  .concat([...'–—‘’“”…•−€™'])
  .join('')

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

const FACES = [
  {
    family: 'Hanken Grotesk',
    file: '@fontsource-variable/hanken-grotesk/files/hanken-grotesk-latin-wght-normal.woff2',
    weight: { min: 400, max: 700 },
  },
  {
    family: 'Familjen Grotesk',
    file: '@fontsource-variable/familjen-grotesk/files/familjen-grotesk-latin-wght-normal.woff2',
    weight: { min: 600, max: 700 },
  },
]

/**
 * The fonts, cut down to the letters and weights in use, and asked for before any style sheet is
 * read. `optional`: a font that is late waits for the next page instead of moving this one.
 */
function fonts(): Plugin {
  const require = createRequire(import.meta.url)
  let files: { family: string; weight: string; fileName: string; bytes: Buffer }[] = []
  return {
    name: 'fonts',
    apply: 'build',
    async buildStart() {
      files = await Promise.all(
        FACES.map(async ({ family, file, weight }) => {
          const whole = readFileSync(require.resolve(file))
          const cut = { targetFormat: 'woff2', variationAxes: { wght: weight } } as const
          const bytes = await subsetFont(whole, LETTERS, cut)
          const name = family.toLowerCase().replace(' ', '-')
          const fileName = `app/${name}-${hashOf(bytes)}.woff2`
          return { family, weight: `${weight.min} ${weight.max}`, fileName, bytes }
        }),
      )
    },
    transform(code, id) {
      if (!id.endsWith('/src/theme.css')) return undefined
      const faces = files.map(
        ({ family, weight, fileName }) =>
          `@font-face{font-family:"${family}";font-weight:${weight};font-display:optional;src:url("/${fileName}") format("woff2")}`,
      )
      return `${code}\n${faces.join('\n')}`
    },
    generateBundle() {
      for (const { fileName, bytes } of files)
        this.emitFile({ type: 'asset', fileName, source: bytes })
    },
    transformIndexHtml: () =>
      files.map(({ fileName }) => ({
        tag: 'link',
        attrs: {
          rel: 'preload',
          as: 'font',
          type: 'font/woff2',
          href: `/${fileName}`,
          crossorigin: true,
        },
        injectTo: 'head-prepend' as const,
      })),
  }
}

/** The theme is known before the first paint, from a script small enough to wait for. */
function firstPaint(): Plugin {
  const source = readFileSync(new URL('first-paint.js', import.meta.url), 'utf8')
  const fileName = `app/first-paint-${hashOf(source)}.js`
  return {
    name: 'first-paint',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName, source })
    },
    transformIndexHtml: () => [
      { tag: 'script', attrs: { src: `/${fileName}` }, injectTo: 'head-prepend' as const },
    ],
  }
}

/** What the contract calls only makes values: a route that no page asks is not carried. */
function contractIsValues(): Plugin {
  const making = /\b(?:Type\.\w+|closed|dataOf|defineRoute|nullable)(?:<[^()\n]*>)?\(/g
  return {
    name: 'contract-is-values',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/contract\/[^/]+\.ts$/.test(id)) return undefined
      return code.replace(making, (call, at: number) =>
        code.slice(0, at).endsWith('function ') ? call : `/* @__PURE__ */ ${call}`,
      )
    },
  }
}

const GROUND =
  /node_modules\/(react|react-dom|scheduler|use-sync-external-store|@tanstack|@lingui|zustand)\//

const hashOf = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url').slice(0, 8)

export default defineConfig({
  plugins: [contractIsValues(), react(), tailwind(), fonts(), firstPaint()],
  build: {
    // `/assets/BTC` is a page.
    assetsDir: 'app',
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        // What every page stands on comes in one piece, which compresses better than many.
        codeSplitting: { groups: [{ name: 'ground', test: GROUND }] },
      },
    },
  },
})
