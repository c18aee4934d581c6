/** A request that arrives at a platform that has been told to end, and is not through yet. */
import { register } from '@cnop/contract/auth.ts'
import { getCapabilities } from '@cnop/contract/capabilities.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import { newPerson } from './customers.ts'
import { connectRaw, type HttpAnswer, requestText } from './raw-http.ts'

/** So much hashing keeps a connection busy until a request behind it has arrived. */
const AHEAD = 8

/**
 * Asks on a connection that the platform must keep, because registrations are under way on it. The
 * platform has closed its idle connections by then, so it knows that it is to end.
 */
export async function askWhileEnding(
  url: string,
  end: () => void,
): Promise<{ readonly ahead: readonly HttpAnswer[]; readonly late: HttpAnswer }> {
  const busy = await connectRaw(url)
  for (let asked = 0; asked < AHEAD; asked += 1) {
    const body = JSON.stringify(newPerson())
    busy.write(requestText('POST', API_BASE + register.path, { body }))
  }
  const idle = await connectRaw(url)
  idle.write(requestText('GET', API_BASE + getCapabilities.path))
  await idle.answer()
  end()
  await idle.ended
  busy.write(requestText('GET', API_BASE + getCapabilities.path))
  const ahead: HttpAnswer[] = []
  while (ahead.length < AHEAD) ahead.push(await busy.answer())
  return { ahead, late: await busy.answer() }
}
