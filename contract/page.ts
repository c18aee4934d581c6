/** Pages of a listing: newest first, continued by a cursor that the listing itself gave. */
import { Type } from 'typebox'

export const PAGE_LIMIT_DEFAULT = 50

/** Opaque to the caller; safe in an address. */
const Cursor = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })

export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  cursor: Type.Optional(Cursor),
}

export const pageAnswer = {
  has_more: Type.Boolean(),
  next_cursor: Type.Optional(Cursor),
}
