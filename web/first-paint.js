// Puts the chosen look, and whether a customer is expected, on the document before anything is
// painted. Reads what `web/src/frame/appearance.ts` and `web/src/client/door.ts` write. What is sent
// before the page can act is held for `web/src/take-over.ts`.
;(() => {
  const root = document.documentElement
  let chosen = {}
  try {
    if (localStorage.getItem('signed-in') !== null) root.dataset.customer = ''
    chosen = JSON.parse(localStorage.getItem('appearance') ?? '{}')
  } catch {
    // Storage may be forbidden; then the system's choice stands.
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  const theme = chosen.theme === 'light' || chosen.theme === 'dark' ? chosen.theme : undefined
  root.dataset.theme = theme ?? (dark ? 'dark' : 'light')
  if (chosen.palette === 'colour-blind') root.dataset.palette = 'colour-blind'
  if (chosen.upColour === 'red') root.dataset.up = 'red'
  const hold = (event) => {
    if (document.getElementById('taken-over') === null) return
    event.preventDefault()
    event.stopImmediatePropagation()
    root.dataset.sent = ''
  }
  addEventListener('submit', hold, { capture: true })
})()
