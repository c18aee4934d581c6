/** Which of the routes a path means: the same router that stands behind HTTP. */
import findMyWay, { type HTTPMethod } from 'find-my-way'

export type Router<Handler> = {
  add(method: string, path: string, handler: Handler): void
  find(
    method: string,
    path: string,
  ):
    | { readonly handler: Handler; readonly params: Readonly<Record<string, string | undefined>> }
    | undefined
}

const PARAM_LENGTH_MAX = 256

export function createRouter<Handler>(): Router<Handler> {
  const router = findMyWay({ maxParamLength: PARAM_LENGTH_MAX })
  const unused = (): void => undefined
  return {
    add(method, path, handler) {
      router.on(method as HTTPMethod, path, unused, { handler })
    },
    find(method, path) {
      const found = router.find(method as HTTPMethod, path)
      if (found === null) return undefined
      return { handler: (found.store as { handler: Handler }).handler, params: found.params }
    },
  }
}
