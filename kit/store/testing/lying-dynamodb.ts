/** Something that speaks DynamoDB's protocol and answers what a test says, or never. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Lie = { readonly status: number; readonly body: object } | 'silence' | 'reset'

export type LyingDynamodb = {
  readonly endpoint: string
  /** What was asked, in order: the operation and its input. */
  readonly asked: { readonly operation: string; readonly input: Record<string, unknown> }[]
  /** What the next calls are answered; `{}` when there is nothing left to say. */
  readonly lies: Lie[]
  stop(): Promise<void>
}

const TABLE = {
  Table: {
    TableStatus: 'ACTIVE',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    LatestStreamArn: 'arn:aws:dynamodb:local:0:table/t/stream/2026',
  },
}

export async function startLyingDynamodb(port = 0): Promise<LyingDynamodb> {
  const asked: { operation: string; input: Record<string, unknown> }[] = []
  const lies: Lie[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    if (operation === 'DescribeTable') return reply(response, { status: 200, body: TABLE })
    asked.push({ operation, input: JSON.parse(Buffer.concat(parts).toString()) })
    const lie = lies.shift() ?? { status: 200, body: {} }
    if (lie === 'silence') return
    if (lie === 'reset') return void request.socket.resetAndDestroy()
    reply(response, lie)
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    lies,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function reply(response: ServerResponse, { status, body }: Exclude<Lie, string>): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
  response.end(JSON.stringify(body))
}

/** An error as DynamoDB says it. */
export const refusal = (name: string, more: object = {}, status = 400): Lie => ({
  status,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name, ...more },
})

/** A transaction cancelled for these reasons, by op. */
export const cancelled = (...reasons: readonly { Code: string; Message?: string }[]): Lie =>
  refusal('TransactionCanceledException', { CancellationReasons: reasons })
