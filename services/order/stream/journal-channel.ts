/** Where the bus says that a customer's journal has grown. Only a hint: the journal is to be read. */
export const journalChannel = (userId: string): string => `journal:${userId}`
