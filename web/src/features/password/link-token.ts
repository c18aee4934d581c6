let taken: string | undefined

/**
 * The token behind the `#` of the link, which no server ever sees, taken out of the address so that
 * neither the history nor a shared screen keeps it.
 */
export function takeLinkToken(): string | undefined {
  const found = location.hash.replace(/^#(?:token=)?/, '')
  if (found === '') return taken
  taken = found
  history.replaceState(history.state, '', location.pathname + location.search)
  return taken
}
