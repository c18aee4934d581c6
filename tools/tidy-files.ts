import { isCode, isTest, type Tree } from './tree.ts'

/** Words that say that a file has no subject. As a subject's own word they are fine: common-passwords. */
const VAGUE = 'utils?|helpers?|common|shared|core|lib|manager|base|impl'
const VAGUE_NAME = new RegExp(`(^|/)((.*-)?(${VAGUE})|base-[^/]*)$`)

const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/
const CAPITALS = /^([A-Z]+(\.md)?|Dockerfile|Chart\.yaml)$/

/** These two name what they look for. */
const ABOUT_TIDINESS = /^tools\/tidy(-files)?(\.test)?\.ts$/

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK|for now|not implemented|coming soon)\b/i
const NARROWED = /\b(it|test|describe|suite)\.(only|skip|todo)\b/
const MACHINE_PATH = /(\.\.\/shared\b|\/(home|Users|work|root|tmp)\/\w|[A-Z]:\\Users)/

export function vagueNames(tree: Tree): string[] {
  const stems = [...tree.keys()].flatMap((path) => {
    const folders = path.split('/').slice(0, -1)
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/\..*/, '')
    return [...folders, ...(isCode(path) ? [name] : [])].map((stem) => ({ path, stem }))
  })
  return stems
    .filter(({ stem }) => VAGUE_NAME.test(stem))
    .map(({ path, stem }) => `${path}: "${stem}" says nothing about what is inside`)
}

export function namesThatAreNotKebabCase(tree: Tree): string[] {
  return [...tree.keys()]
    .filter((path) => !path.split('/').every((name) => KEBAB.test(name) || CAPITALS.test(name)))
    .map((path) => `${path}: names are kebab-case`)
}

export function unfinishedWords(tree: Tree): string[] {
  return linesOf(tree, isCode, UNFINISHED, 'says that something is unfinished')
}

export function narrowedTests(tree: Tree): string[] {
  return linesOf(tree, isTest, NARROWED, 'keeps tests from running')
}

export function machinePaths(tree: Tree): string[] {
  return linesOf(tree, () => true, MACHINE_PATH, 'is true on one machine only')
}

function linesOf(tree: Tree, isMeant: (path: string) => boolean, what: RegExp, fault: string) {
  return [...tree]
    .filter(([path]) => isMeant(path) && !ABOUT_TIDINESS.test(path))
    .flatMap(([path, text]) =>
      text.split('\n').flatMap((line, index) => {
        const found = what.exec(line)?.[0]
        return found === undefined ? [] : [`${path}:${index + 1}: "${found}" ${fault}`]
      }),
    )
}
