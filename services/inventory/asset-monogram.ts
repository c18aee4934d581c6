/**
 * The picture of an asset: its letters on a disc, drawn, because logos belong to others.
 *
 * The same asset always gets the same picture. It stands on light and on dark pages alike, so the
 * discs are of one middle brightness: every colour keeps 4.5 : 1 to the letters and 3 : 1 to the
 * page behind.
 */

export const MONOGRAM_INK = '#FDFCF9'
export const MONOGRAM_DISCS = [
  '#9C5954',
  '#856447',
  '#776A40',
  '#61713D',
  '#407740',
  '#40775E',
  '#3E7470',
  '#467181',
  '#506E95',
  '#6067A9',
  '#785DA8',
  '#90549C',
  '#9C547E',
  '#9F5668',
] as const

const LETTERS_MAX = 4
/** What is left of an id that is too long for the disc. */
const LETTERS_OF_LONG = 3
const FONT_SIZES = [30, 30, 26, 21, 17] as const

/** A whole SVG document; `name` and `assetId` may hold any text. */
export function drawMonogram(asset: { readonly assetId: string; readonly name: string }): string {
  const characters = [...asset.assetId]
  const letters =
    characters.length > LETTERS_MAX ? characters.slice(0, LETTERS_OF_LONG) : characters
  const disc = MONOGRAM_DISCS[hashOf(asset.assetId) % MONOGRAM_DISCS.length]
  const title = escapeXml(asset.name)
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" ' +
    `aria-label="${title}"><title>${title}</title>` +
    `<circle cx="32" cy="32" r="32" fill="${disc}"/>` +
    `<text x="32" y="32" dy=".36em" text-anchor="middle" fill="${MONOGRAM_INK}" ` +
    'font-family="\'Hanken Grotesk\',system-ui,sans-serif" font-weight="600" ' +
    `font-size="${FONT_SIZES[letters.length]}">${escapeXml(letters.join(''))}</text></svg>\n`
  )
}

/** FNV-1a, folded so that ids which differ in one letter differ in colour. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return (hash ^ (hash >>> 16)) >>> 0
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
