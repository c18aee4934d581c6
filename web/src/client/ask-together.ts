/**
 * Stands for what Vite would put before every `import()`: what the code that comes needs is asked for
 * together with it. Vite's own also waits for style sheets, and here they stand in the document.
 */
const asked = new Set<string>()

export function __vitePreload<Code>(
  load: () => Promise<Code>,
  needed: readonly string[] = [],
): Promise<Code> {
  for (const file of needed) {
    if (asked.has(file)) continue
    asked.add(file)
    const link = document.createElement('link')
    link.rel = 'modulepreload'
    link.href = `/${file}`
    document.head.append(link)
  }
  return load()
}
