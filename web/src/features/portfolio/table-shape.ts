/** What a phone has no room for stands in the drawer of the line. */
export const WIDE = 'hidden md:table-cell'
export const SMALL_ONLY = 'block md:hidden'
export const CELL = 'px-2 first:pl-4 last:pr-4'
