import { describe, expect, it } from 'vitest'
import { createKeptAnswers } from './kept-answers.ts'

function door(bytesMax?: number) {
  const clock = { nowMs: 0 }
  const asked: string[] = []
  const kept = createKeptAnswers({
    now: () => clock.nowMs,
    ...(bytesMax === undefined ? {} : { bytesMax }),
  })
  const get = (target: string, answer: { status?: number; cache?: string; body?: string } = {}) =>
    kept.answerTo(target, async () => {
      asked.push(target)
      const {
        status = 200,
        cache = 'public, max-age=1',
        body = `${target} ${asked.length}`,
      } = answer
      return { status, headers: { 'cache-control': cache }, body }
    })
  return { clock, asked, get }
}

describe('answers kept at the door', () => {
  it('are given again while they are true, and asked anew afterwards', async () => {
    const { clock, asked, get } = door()
    const first = await get('/a')
    clock.nowMs = 999
    expect(await get('/a')).toBe(first)
    clock.nowMs = 1_000
    expect((await get('/a')).body.toString()).toBe('/a 2')
    expect(asked).toHaveLength(2)
  })

  it('are asked for once by many at once', async () => {
    const { asked, get } = door()
    const answers = await Promise.all(Array.from({ length: 20 }, () => get('/a')))
    expect(asked).toEqual(['/a'])
    expect(new Set(answers).size).toBe(1)
  })

  it('are each caller’s own when they are refusals, which name the request', async () => {
    const { asked, get } = door()
    const answers = await Promise.all([1, 2, 3].map(() => get('/a', { status: 404 })))
    expect(asked).toHaveLength(3)
    expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(3)
  })

  it.each([
    ['without a word on how long', { cache: '' }],
    ['of one customer', { cache: 'private, max-age=60' }],
    ['that must not be kept', { cache: 'no-store' }],
    ['that are refusals', { status: 404 }],
  ])('are not those %s', async (_, answer) => {
    const { asked, get } = door()
    await get('/a', answer)
    await get('/a', answer)
    expect(asked).toHaveLength(2)
  })

  it('are told apart by their query', async () => {
    const { get } = door()
    expect((await get('/a?limit=1')).body).not.toEqual((await get('/a?limit=2')).body)
  })

  it('never fill more than their room, and the oldest make way', async () => {
    const { asked, get } = door(100)
    for (const target of ['/a', '/b', '/c', '/c', '/a']) await get(target, { body: 'x'.repeat(40) })
    expect(asked).toEqual(['/a', '/b', '/c', '/a'])
    await get('/huge', { body: 'x'.repeat(101) })
    await get('/huge', { body: 'x'.repeat(101) })
    expect(asked.filter((target) => target === '/huge')).toHaveLength(2)
  })

  it('are not the failure of an asking, which the next one repeats', async () => {
    const kept = createKeptAnswers({ now: () => 0 })
    const down = () => Promise.reject(new Error('down'))
    await expect(kept.answerTo('/a', down)).rejects.toThrow('down')
    const up = async () => ({ status: 200, headers: {}, body: 'up' })
    expect((await kept.answerTo('/a', up)).body.toString()).toBe('up')
  })
})
