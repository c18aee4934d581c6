/** Where letters are typed; a choice or a slider takes none. */
const TYPED_INTO =
  'input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]'

/** Whether a key may mean something by itself: no chord, nothing is typed, and no dialog asks something. */
export const isFreeKey = (event: KeyboardEvent): boolean =>
  !event.defaultPrevented &&
  !event.ctrlKey &&
  !event.metaKey &&
  !event.altKey &&
  document.querySelector('dialog[open]') === null &&
  !(event.target instanceof Element && event.target.matches(TYPED_INTO))
