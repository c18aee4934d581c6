import { isLeftByRuns, type Tree } from './tree.ts'

type Package = {
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/

export function versionsThatFloat(tree: Tree): string[] {
  return dependencies(tree)
    .filter(({ version }) => !EXACT.test(version))
    .map(({ path, name, version }) => `${path}: ${name} floats at "${version}"`)
}

/** CONTRIBUTING.md gives each dependency a line: "- `name`: the reason", several names if they are one thing. */
export function dependenciesWithoutReason(tree: Tree): string[] {
  const lines = (tree.get('CONTRIBUTING.md') ?? '').matchAll(/^- ((?:`[^`]+`(?:, )?)+): \S.*$/gm)
  const explained = new Set([...lines].flatMap(([, names = '']) => names.match(/[^`, ]+/g) ?? []))
  const used = new Set(dependencies(tree).map(({ name }) => name))
  const ours = (name: string) => name.startsWith('@cnop/')
  return [
    ...[...used.difference(explained)]
      .filter((name) => !ours(name))
      .map((name) => `CONTRIBUTING.md: ${name} has no line that gives its reason`),
    ...[...explained.difference(used)].map(
      (name) => `CONTRIBUTING.md: ${name} is explained and nowhere used`,
    ),
  ]
}

/** Every script goes through the bootstrap, so that it finds its packages and its Node. */
export function scriptsThatRunNothing(tree: Tree): string[] {
  const { scripts = {} } = JSON.parse(tree.get('package.json') ?? '{}') as Package
  return Object.entries(scripts)
    .filter(([, command]) => {
      const target = /^node tools\/bootstrap\.mjs (\S+)/.exec(command)?.[1]
      return target === undefined || !(tree.has(target) || isLeftByRuns(target.split('/')[0] ?? ''))
    })
    .map(([name, command]) => `package.json: the script ${name} runs "${command}"`)
}

/** A lockfile written on one platform can lack the binaries of the others; there \`npm ci\` fails. */
export function lockfilesOfOnePlatform(tree: Tree): string[] {
  return [...tree]
    .filter(([path]) => /(^|\/)package-lock\.json$/.test(path))
    .flatMap(([path, text]) => {
      const { packages } = JSON.parse(text) as { packages: Record<string, Package> }
      const locked = new Set(
        Object.keys(packages).map((key) => key.replace(/.*node_modules\//, '')),
      )
      return Object.values(packages)
        .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
        .filter((name) => !locked.has(name))
        .map((name) => `${path}: ${name} is missing, so other platforms cannot install`)
    })
}

function dependencies(tree: Tree) {
  return [...tree]
    .filter(([path]) => /(^|\/)package\.json$/.test(path))
    .flatMap(([path, text]) => {
      const entry = JSON.parse(text) as Package
      return [entry.dependencies, entry.devDependencies, entry.optionalDependencies]
        .flatMap((group) => Object.entries(group ?? {}))
        .map(([name, version]) => ({ path, name, version }))
    })
}
