/** Server-sent events, read from a stream of bytes: `fetch` sends headers, `EventSource` does not. */
export type EventBlock = {
  readonly event: string
  /** What to resume behind; absent for an event that has none. */
  readonly id: string | undefined
  /** Absent where a block only says where the stream stands. */
  readonly data: string | undefined
}

const LINE = /\r\n|\n|\r/
const BLOCK_END = /\r\n\r\n|\n\n|\r\r/

export async function* eventBlocks(
  bytes: ReadableStream<BufferSource>,
): AsyncGenerator<EventBlock> {
  let text = ''
  const reader = bytes.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const blocks = (text + piece.value).split(BLOCK_END)
      text = blocks.pop() ?? ''
      yield* blocks.map(blockOf).filter((block) => block !== undefined)
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Comments keep a line open and say nothing. */
function blockOf(text: string): EventBlock | undefined {
  const fields = new Map<string, string>()
  for (const line of text.split(LINE)) {
    const [name = '', value = ''] = line.split(/: ?(.*)/s)
    const before = fields.get(name)
    if (name !== '') fields.set(name, before === undefined ? value : `${before}\n${value}`)
  }
  const id = fields.get('id')
  const data = fields.get('data')
  if (id === undefined && data === undefined) return undefined
  return { event: fields.get('event') ?? 'message', id, data }
}
