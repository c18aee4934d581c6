/** Puts text on the clipboard, also where the page came by plain http; tells whether it is there. */
export async function copyText(text: string): Promise<boolean> {
  // Without a secure context there is no clipboard, whatever its type says.
  if ('clipboard' in navigator) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      // Forbidden here; the old way may still be open.
    }
  }
  return copySelected(text)
}

function copySelected(text: string): boolean {
  const before = document.activeElement
  const box = document.createElement('textarea')
  box.value = text
  box.readOnly = true
  box.className = 'sr-only'
  const host = document.querySelector('dialog[open]') ?? document.body
  host.append(box)
  box.select()
  const copied = document.execCommand('copy')
  box.remove()
  if (before instanceof HTMLElement) before.focus()
  return copied
}
