/** Hands text to the browser as a file to keep. */
export function saveFile(name: string, text: string, media: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: media }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has taken the bytes by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
