/**
 * The baseline of P2: the same transaction as one SQL function, over a pool of 16, behind a bare
 * Fastify route. No gateway, no sign-in, no limits, no ledger, no journal.
 */
import fastify from 'fastify'
import { Pool } from 'pg'

const SCHEMA = `
create table if not exists items(pk text, sk text, value text, version int default 1, primary key (pk, sk));
create or replace function place(u text, key text) returns int language plpgsql as $$
declare held int; row_text text := repeat('x', 300); name text;
begin
  select version into held from items where pk = u and sk = '@HEAD';
  perform value from items where pk = u and sk = 'B#BTC';
  perform value from items where pk = u and sk = 'B#USD';
  foreach name in array array['@HEAD', 'B#BTC', 'B#USD'] loop
    insert into items(pk, sk, value) values (u, name, row_text)
      on conflict (pk, sk) do update set value = excluded.value, version = items.version + 1;
  end loop;
  insert into items(pk, sk, value) values (u, 'E#' || key, row_text), (u, 'I#' || key, row_text), (u, 'O#' || key, row_text);
  return held;
end $$;
`

const [socketFolder = '', port = '0'] = process.argv.slice(2)
const pool = new Pool({ host: socketFolder, user: 'postgres', database: 'postgres', max: 16 })
await pool.query(SCHEMA)

const app = fastify()
let orders = 0
app.post('/orders', async (_, reply) => {
  orders += 1
  await pool.query({
    name: 'place',
    text: 'select place($1, $2)',
    values: [`U#${orders % 256}`, String(orders).padStart(16, '0')],
  })
  return reply.code(201).send({ data: { order_id: orders } })
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
process.stdout.write(`ready on ${app.listeningOrigin}\n`)
