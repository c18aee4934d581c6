/** The inside of the namespace: starts DynamoDB Local, leads a socket file to it, ends with stdin. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const PORT = 8000
const [socket = '', folder = ''] = process.argv.slice(2)

spawnSync('ip', ['link', 'set', 'lo', 'up'])
const memory = ['-Xmx384m', '-XX:+UseSerialGC']
const java = spawn(
  'java',
  [...memory, '-jar', 'DynamoDBLocal.jar', '-inMemory', '-disableTelemetry', '-port', `${PORT}`],
  { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] },
)
java.once('exit', () => process.exit(1))
process.stdin.resume().once('end', () => java.kill('SIGKILL'))
process.stdin.once('error', () => java.kill('SIGKILL'))

async function untilListening(): Promise<void> {
  for (;;) {
    const probe = connect({ port: PORT, host: '127.0.0.1' })
    try {
      await once(probe, 'connect')
      return
    } catch {
      await pause(50)
    } finally {
      probe.destroy()
    }
  }
}

await untilListening()
createServer((outer) => {
  const inner = connect({ port: PORT, host: '127.0.0.1' })
  outer.pipe(inner).pipe(outer)
  outer.on('error', () => inner.destroy())
  inner.on('error', () => outer.destroy())
}).listen(socket, () => process.stdout.write('ready\n'))
