import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import type { LucideIconData } from 'lucide-react'
import subsetFont from 'subset-font'
import { defineConfig, mergeConfig, type Plugin, type UserConfig } from 'vite'

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

/** The theme is known before the first paint, from a script in the document, which costs less than asking for it. */
function firstPaint(): Plugin {
  const source = readFileSync(new URL('first-paint.js', import.meta.url), 'utf8')
  return {
    name: 'first-paint',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'script',
        children: source.replace(/^\/\/.*\n/gm, '').trim(),
        injectTo: 'head' as const,
      },
    ],
  }
}

/** What a page needs to know of a route to ask it; what it takes and answers is the server's to judge. */
const ASKED = ['name', 'service', 'method', 'path', 'access', 'secondFactor', 'status', 'media']

/** Of refusals: each is answered with its own. What the pages refuse themselves keeps it. */
const TITLES = /(?<!'dependency-down': \{ status: 503),\s+title: '[^']*'/g

/**
 * What the contract says is reckoned here, once: a page carries the routes it asks and the schemas
 * whose rules its forms follow, as plain data, and nothing that makes such values.
 */
function contractIsData(): Plugin {
  const making = /\b(?:Type\.\w+|closed|dataOf)\(/g
  return {
    name: 'contract-is-data',
    enforce: 'pre',
    async transform(code, id) {
      if (!/\/contract\/[^/]+\.ts$/.test(id)) return undefined
      const said = Object.entries<unknown>(await import(pathToFileURL(id).href))
      const acts = said.some(([, value]) => typeof value === 'function')
      if (acts) return code.replace(making, '/* @__PURE__ */ $&').replace(TITLES, '')
      return said.map(([name, value]) => `export const ${name} = ${dataOf(value)}`).join('\n')
    },
  }
}

function dataOf(value: unknown): string {
  const isRoute = typeof value === 'object' && value !== null && 'method' in value
  return JSON.stringify(value, isRoute ? ASKED : undefined)
}

/** Each icon by a name of its own, and of each its lines alone: a page carries those it shows. */
function iconsAlone(): Plugin {
  const naming = /import \{([^}]+)\} from 'lucide-react'/g
  const fileOf = (name: string): string => name.replace(/(?!^)([A-Z]|[0-9]+)/g, '-$1').toLowerCase()
  return {
    name: 'icons-alone',
    enforce: 'pre',
    async transform(code, id) {
      if (/\/lucide-react\/.*\/icons\//.test(id)) return drawn(await import(pathToFileURL(id).href))
      if (!id.endsWith('.tsx')) return undefined
      return code.replace(naming, (_, names: string) =>
        names
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '')
          .map((name) => `import ${name} from 'lucide-react/icons/${fileOf(name)}'`)
          .join(';'),
      )
    },
  }
}

/** `undefined`: an older name, behind which stands the icon itself. */
function drawn({ __iconData: icon }: { readonly __iconData?: LucideIconData }): string | undefined {
  if (icon === undefined) return undefined
  const lines = icon.node.map(([tag, { key: _, ...attributes }]) => [tag, attributes])
  return `import { drawIcon } from '/src/ui/draw-icon.ts'
export default drawIcon(${JSON.stringify(lines)})`
}

/** Before every `import()` stands our own way of asking for what it needs. */
function askTogether(): Plugin {
  const ours = fileURLToPath(new URL('src/client/ask-together.ts', import.meta.url))
  return {
    name: 'ask-together',
    apply: 'build',
    enforce: 'pre',
    resolveId: (id) => (id === '\0vite/preload-helper.js' ? ours : undefined),
  }
}

/** What the entry could reach, and only pages behind it use. */
const LATER =
  /\/query-core\/.*(mutationObserver|infinite)|\/react-query\/.*(Mutation|Infinite)|useBlocker/

type Modules = { getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null }

/** What stands on the ground of every page comes in one piece, which compresses better than many. */
function createGround(): (id: string, modules: Modules) => string | null {
  const ground = new Set<string>()
  const stand = (id: string, modules: Modules): void => {
    if (ground.has(id) || LATER.test(id)) return
    ground.add(id)
    for (const needed of modules.getModuleInfo(id)?.importedIds ?? []) stand(needed, modules)
  }
  return (id, modules) => {
    if (ground.size === 0) stand(ENTRY, modules)
    // Where nothing answers there is no code to say so either.
    return ground.has(id) || id.endsWith('/client/refusal.tsx') ? 'ground' : null
  }
}

/** What nearly every page shows figures with. */
const FIGURES =
  /\/web\/src\/(live\/(?!category)|format\/(money|time)|ui\/(sparkline|ledger-list|ticking-text|receipt)|frame\/use-title)/

/** What is shared comes in few pieces: what every page needs carries the name of each of them. */
const CHART =
  /\/web\/src\/(chart\/(price-chart|live-candle)|client\/asset-refusal|ui\/(choice|use-idle))/
const BOX = /\/web\/src\/ui\/box\./
const FIELD = /\/web\/src\/ui\/(field|use-now)\.|\/icons\/eye/
const WATCHLIST = /\/web\/src\/client\/watchlist\.|\/contract\/user\.|\/icons\/star\./
const FORMS =
  /\/react-hook-form\/|\/web\/src\/(client\/(form-refusal|field-rules|rule-field)|ui\/form-)|\/contract\/(auth|password)\./
const OWN =
  /\/(query-core|react-query)\/.*(mutation|infinite)|\/contract\/(order|balance|portfolio)\.|\/icons\/(check|download)\.|\/web\/src\/(client\/(own-|all-pages|orders-pages|stale-note|problem-note)|format\/(csv|save-file)|frame\/(private-figure|hide-balances)|orders\/order-words|ui\/decimal-)/i

const ENTRY = fileURLToPath(new URL('src/main.tsx', import.meta.url))

const hashOf = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url').slice(0, 8)

/** The sheet is smaller than what asking for it costs, so it stands in the document. */
function styleWithin(): Plugin {
  return {
    name: 'style-within',
    apply: 'build',
    enforce: 'post',
    // No page asks for the sheet together with its code.
    renderChunk: (_, { viteMetadata }) => void viteMetadata?.importedCss.clear(),
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const sheet = Object.values(bundle).find(({ fileName }) => fileName.endsWith('.css'))
        if (sheet?.type !== 'asset') throw new Error('There is no style sheet.')
        delete bundle[sheet.fileName]
        return html
          .replace('</head>', () => `<style>${String(sheet.source)}</style></head>`)
          .replaceAll('<script type="module"', '<script type="module" fetchpriority="low"')
      },
    },
  }
}

const PAGES_IN_A_BROWSER: UserConfig = {
  plugins: [tailwind(), fonts(), firstPaint(), styleWithin(), askTogether()],
  // React has it itself by now.
  resolve: {
    alias: {
      'use-sync-external-store/shim/with-selector': 'use-sync-external-store/with-selector',
    },
  },
  build: {
    // `/assets/BTC` is a page.
    assetsDir: 'app',
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      // Nothing of it is called in a browser, and what it prepares for calls would stay.
      treeshake: { moduleSideEffects: [{ test: /\/typebox\//, sideEffects: false }] },
      output: {
        codeSplitting: {
          groups: [
            { name: createGround(), debugName: 'ground', priority: 2 },
            { name: 'figures', test: FIGURES, priority: 1 },
            { name: 'chart', test: CHART, priority: 1 },
            { name: 'box', test: BOX, priority: 2 },
            { name: 'field', test: FIELD, priority: 2 },
            { name: 'watchlist', test: WATCHLIST, priority: 1 },
            { name: 'forms', test: FORMS, priority: 1 },
            { name: 'own', test: OWN, priority: 1 },
          ],
        },
      },
    },
  },
}

/** The same pages, for the door that writes them: whole, so that nothing is installed beside them. */
const PAGES_AT_THE_DOOR: UserConfig = {
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  ssr: { noExternal: true },
  build: {
    outDir: 'dist/writing',
    copyPublicDir: false,
    rolldownOptions: {
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    },
  },
}

export default defineConfig(({ isSsrBuild }) =>
  mergeConfig(
    { plugins: [contractIsData(), iconsAlone(), react()] },
    isSsrBuild ? PAGES_AT_THE_DOOR : PAGES_IN_A_BROWSER,
  ),
)
