let taken: { readonly page: string; readonly token: string } | undefined

/**
 * The token behind the `#` of the link, which no server ever sees, taken out of the address so that
 * neither the history nor a shared screen keeps it. The page it came to may ask for it again.
 */
export function takeLinkToken(): string | undefined {
  const page = location.pathname
  const token = location.hash.replace(/^#(?:token=)?/, '')
  if (token !== '') {
    taken = { page, token }
    history.replaceState(history.state, '', page + location.search)
  }
  return taken?.page === page ? taken.token : undefined
}
