/** Whether a page is being written at the door, where there is no document, no visitor and no storage. */
export const onServer = typeof document === 'undefined'
