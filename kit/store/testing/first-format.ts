/** For tests: files as the first release left them, which sorted the rows themselves. */
import { DatabaseSync } from 'node:sqlite'

/** Nobody may have the file open. */
export function toFirstFormat(file: string): void {
  const db = new DatabaseSync(file)
  db.exec(`
    alter table items rename to rows_in_order;
    create table items (
      pk text not null, sk text not null, value text not null, primary key (pk, sk)
    ) without rowid, strict;
    insert into items select * from rows_in_order;
    drop table rows_in_order;
    pragma user_version = 1;
    vacuum;
  `)
  db.close()
}
