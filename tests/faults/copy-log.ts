/** A process of its own that copies the log of a store into its file until it is killed. */
import { DatabaseSync } from 'node:sqlite'

const db = new DatabaseSync(process.argv[2] ?? '')
for (;;) db.exec('pragma wal_checkpoint(passive)')
