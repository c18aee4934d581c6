/**
 * Plants mistakes in the product while it is loaded: the text of a module is changed on its way in,
 * and every module of the programme is loaded anew for each mistake. The product has no switch for
 * any of them. A change that does not fit the text exactly once is an error.
 */
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

export type Mistake = {
  readonly name: string
  readonly changes: readonly Change[]
}

export type Change = {
  /** From the root of the project. */
  readonly file: string
  readonly from: string
  readonly to: string
}

const ROOT = new URL('../../', import.meta.url)
const MARK = 'mistake'

const planted = new Map<string, { readonly mistake: Mistake; readonly applied: Set<Change> }>()

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const mark = context.parentURL && new URL(context.parentURL).searchParams.get(MARK)
    return mark && isOurs(resolved.url)
      ? { ...resolved, url: marked(resolved.url, mark) }
      : resolved
  },
  load(url, context, next) {
    const loaded = next(url, context)
    const { searchParams } = new URL(url)
    const one = planted.get(searchParams.get(MARK) ?? '')
    if (one === undefined || loaded.source == null) return loaded
    const file = url.slice(ROOT.href.length).replace(/\?.*/, '')
    const changes = one.mistake.changes.filter((change) => change.file === file)
    let source = Buffer.from(loaded.source as Uint8Array).toString('utf8')
    for (const change of changes) {
      source = changed(source, change)
      one.applied.add(change)
    }
    return { ...loaded, source }
  },
})

/** Ours are those that the project's own folders hold, through whatever link they are reached. */
const isOurs = (url: string): boolean =>
  url.startsWith(ROOT.href) && !url.includes('/node_modules/')

const marked = (url: string, mark: string): string => {
  const address = new URL(url)
  address.searchParams.set(MARK, mark)
  return address.href
}

function changed(source: string, { file, from, to }: Change): string {
  const found = source.split(from).length - 1
  if (found !== 1) throw new Error(`${file} has ${found} times, not once: ${from}`)
  return source.replace(from, () => to)
}

/** The module and all that it imports, with the mistake in it. */
export async function loadWith<Module>(mistake: Mistake, file: string): Promise<Module> {
  const one = { mistake, applied: new Set<Change>() }
  planted.set(mistake.name, one)
  const address = pathToFileURL(new URL(file, ROOT).pathname).href
  const loaded = (await import(marked(address, mistake.name))) as Module
  const missing = mistake.changes.find((change) => !one.applied.has(change))
  if (missing !== undefined) throw new Error(`${file} does not load ${missing.file}`)
  return loaded
}
