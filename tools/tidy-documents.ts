import { dirname, matchesGlob, posix } from 'node:path'
import { isCode, isLeftByRuns, type Tree } from './tree.ts'

const DOCUMENT = /^(README|ARCHITECTURE|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$/
const README_LINES_MAX = 80
const DECISION_HEADINGS = ['Situation', 'Decision', 'Price', 'When to think again']

/** What every shell has, or every continuous integration sets. */
const VARIABLES_OF_THE_SHELL = ['CI', 'PATH']

export function pathsThatLeadNowhere(tree: Tree): string[] {
  const topLevel = new Set([...tree.keys()].map((path) => path.split('/')[0]))
  return documents(tree).flatMap(({ path, text }) => {
    const links = [...text.matchAll(/\]\(([^)#\s:]+)(?:#[^)]*)?\)/g)].map(([, to = '']) =>
      posix.join(dirname(path), to),
    )
    const named = codeOf(text)
      .flatMap((code) => code.split(/\s+/))
      .map((word) => word.replace(/[.,;:]+$/, '').replace(/^(\.\/|@cnop\/)/, ''))
      .filter((word) => isPath(word, topLevel))
    return [...named, ...links]
      .filter((name) => !exists(name, tree))
      .map((name) => `${path}: there is no ${name}`)
  })
}

export function scriptsThatDoNotExist(tree: Tree): string[] {
  const { scripts } = JSON.parse(tree.get('package.json') ?? '{"scripts":{}}') as {
    scripts: Record<string, string>
  }
  return documents(tree).flatMap(({ path, text }) =>
    codeOf(text)
      .flatMap((code) => [...code.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)])
      .map(([, run, short]) => run ?? short ?? '')
      .filter((script) => !Object.hasOwn(scripts, script))
      .map((script) => `${path}: there is no script ${script}`),
  )
}

/**
 * A word in capitals with an underscore, or one that is given a value, names a variable of the
 * platform, unless the document's own commands read it back.
 */
export function variablesThatDoNotExist(tree: Tree): string[] {
  const listed = (tree.get('.env.example') ?? '').matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)
  const constants = [...tree].flatMap(([path, text]) =>
    isCode(path) ? [...text.matchAll(/\bconst ([A-Z][A-Z0-9_]*)\b/g)] : [],
  )
  const known = new Set([
    ...VARIABLES_OF_THE_SHELL,
    ...[...listed, ...constants].map(([, name]) => name),
  ])
  return documents(tree).flatMap(({ path, text }) =>
    codeOf(text)
      .flatMap((code) => [...code.matchAll(/\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{2,}(?==))\b/g)])
      .map(([name]) => name)
      .filter((name) => !known.has(name) && !text.includes(`$${name}`))
      .map((name) => `${path}: there is no variable ${name}`),
  )
}

export function aLongReadme(tree: Tree): string[] {
  const lines = (tree.get('README.md') ?? '').trimEnd().split('\n').length
  return lines > README_LINES_MAX ? [`README.md: ${lines} lines, at most ${README_LINES_MAX}`] : []
}

export function decisionsOutOfForm(tree: Tree): string[] {
  const decisions = [...tree].filter(([path]) => path.startsWith('docs/adr/'))
  const numbers = decisions.map(([path]) => path.slice('docs/adr/'.length).slice(0, 4))
  return decisions.flatMap(([path, text], index) => {
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
    return [
      ...(/^docs\/adr\/\d{4}-[a-z0-9-]+\.md$/.test(path) ? [] : [`${path}: is not 0000-title.md`]),
      ...(numbers.indexOf(numbers[index] ?? '') === index ? [] : [`${path}: its number is taken`]),
      ...(headings.join('|') === DECISION_HEADINGS.join('|')
        ? []
        : [`${path}: its headings are not ${DECISION_HEADINGS.join(', ')}`]),
    ]
  })
}

function documents(tree: Tree) {
  return [...tree].filter(([path]) => DOCUMENT.test(path)).map(([path, text]) => ({ path, text }))
}

/** What stands between backticks, one or three. */
function codeOf(text: string): string[] {
  const fenced = /^```.*\n([\s\S]*?)^```/gm
  const blocks = [...text.matchAll(fenced)].map(([, block = '']) => block)
  const spans = [...text.replaceAll(fenced, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, span = '']) => span,
  )
  return [...blocks, ...spans]
}

/** A word is a path if it ends as a file of ours does, or begins with a folder of ours. */
function isPath(word: string, topLevel: ReadonlySet<string | undefined>): boolean {
  if (!/^[\w.*{},@-]+(\/[\w.*{},@-]*)*$/.test(word)) return false
  if (/\w\.(ts|tsx|mjs|md|json|ya?ml|css|html|sh)$/.test(word)) return true
  return word.includes('/') && topLevel.has(word.split('/')[0])
}

/** Names a file or folder from the root, the end of a path, or a pattern that finds something. */
function exists(name: string, tree: Tree): boolean {
  const path = name.replace(/\/$/, '')
  if (
    path.split('/').some((_, index, parts) => isLeftByRuns(parts.slice(0, index + 1).join('/')))
  ) {
    return true
  }
  return [...tree.keys()].some(
    (file) =>
      file === path ||
      file.startsWith(`${path}/`) ||
      file.endsWith(`/${path}`) ||
      matchesGlob(file, path) ||
      matchesGlob(file, `**/${path}`),
  )
}
