import { expect, test } from 'vitest'
import { FakeClock } from '../runtime/fake-clock.js'
import { ReplicaRequests } from './replica-requests.js'

/** Replicas that reach each other, and every text that was sent. */
function start(...ids: string[]) {
  const clock = new FakeClock()
  const sent: string[] = []
  const all = new Map<string, ReplicaRequests>()
  for (const id of ids) {
    const send = async (to: string, text: string): Promise<boolean> => {
      sent.push(text)
      all.get(to)?.receive(text)
      return all.has(to)
    }
    all.set(id, new ReplicaRequests({ id, clock, send }))
  }
  return { clock, sent, all, near: all.get('near')!, far: all.get('far')! }
}

const timeout = 1_000
const longTimeout = 10_000

test('a request is answered by the replica that was asked, at once or later', async () => {
  const { clock, near, far } = start('near', 'far', 'other')
  far.handle('double', (body) => Number(body) * 2)
  far.handle('later', (body) => new Promise((resolve) => clock.after(5_000, () => resolve({ ü: body }))))
  expect(await near.ask('far', 'double', 21, { timeout })).toBe(42)
  const later = near.ask('far', 'later', '"\n', { timeout, longTimeout })
  expect(near.waiting).toBe(1)
  await clock.advance(5_000)
  expect(await later).toEqual({ ü: '"\n' })
  expect(near.waiting).toBe(0)
  expect(clock.timers).toBe(0)
})

test('an unknown replica, an unknown handler and one that fails give no answer', async () => {
  const { clock, near, far } = start('near', 'far')
  far.handle('fails', () => {
    throw new Error('planted')
  })
  far.handle('fails later', async () => {
    throw new Error('planted')
  })
  const asked = [near.ask('unknown', 'fails', 1, { timeout })]
  for (const name of ['unknown', 'fails', 'fails later']) asked.push(near.ask('far', name, 1, { timeout }))
  expect(await Promise.all(asked)).toEqual([undefined, undefined, undefined, undefined])
  expect(clock.timers).toBe(0)
})

test('a request times out if the replica hangs, or acknowledges the request and does not answer', async () => {
  const { clock, near, far, all } = start('near', 'far')
  far.handle('never', () => new Promise(() => {}))
  const silent = new ReplicaRequests({ id: 'silent', clock, send: async () => true })
  all.set('silent', silent)
  const done: string[] = []
  const ask = (to: string, options: object) =>
    near.ask(to, 'never', 1, { timeout, ...options }).then((answer) => void done.push(`${to} ${answer}`))
  const all3 = [ask('silent', { longTimeout }), ask('far', { longTimeout }), ask('far', {})]
  await clock.advance(timeout - 1)
  expect(done).toEqual([])
  await clock.advance(1)
  expect(done).toEqual(['silent undefined', 'far undefined'])
  await clock.advance(longTimeout)
  await Promise.all(all3)
  expect(done).toHaveLength(3)
  expect(clock.timers).toBe(0)
})

test('a replica does not send an answer after the request was cancelled', async () => {
  const { clock, near, far, sent } = start('near', 'far')
  const asked: { signal: AbortSignal; answer(value: unknown): void }[] = []
  far.handle('wait', (_, signal) => new Promise((answer) => void asked.push({ signal, answer })))
  const client = new AbortController()
  const waiting = near.ask('far', 'wait', 1, { timeout, longTimeout, signal: client.signal })
  expect(asked[0]!.signal.aborted).toBe(false)
  client.abort()
  expect(await waiting).toBeUndefined()
  expect(asked[0]!.signal.aborted).toBe(true)
  asked[0]!.answer('late')
  await clock.advance(0)
  expect(sent.map((text) => JSON.parse(text).kind)).toEqual(['ask', 'taken', 'cancelled'])
})

test('invalid messages, forged answers and repeated answers are ignored', async () => {
  const { clock, near, far, sent } = start('near', 'far')
  let calls = 0
  far.handle('count', async () => ++calls)
  const forged = { format: 1, kind: 'answer', request: '1', by: 'near', body: 'forged' }
  const first = near.ask('far', 'count', 1, { timeout })
  for (const text of ['', '{', 'null', '[]', '7', '{"format":1,"kind":"ask"}', '{"format":1,"kind":"answer"}']) {
    near.receive(text)
    far.receive(text)
  }
  near.receive(JSON.stringify(forged))
  expect(await first).toBe(1)
  const [answer] = sent.filter((text) => JSON.parse(text).kind === 'answer')
  const second = near.ask('far', 'count', 1, { timeout })
  near.receive(answer!)
  expect(await second).toBe(2)
  expect(clock.timers).toBe(0)
})

test('a message of another format is ignored', async () => {
  const { clock, near, far, sent } = start('near', 'far')
  far.handle('echo', (body) => body)
  await near.ask('far', 'echo', 1, { timeout })
  const before = sent.length
  far.receive(sent[0]!.replace('"format":1', '"format":2'))
  await clock.advance(0)
  expect(sent).toHaveLength(before)
})

test('after a replica closes, its pending and new requests get no answers', async () => {
  const { clock, near, far, sent } = start('near', 'far')
  far.handle('never', () => new Promise(() => {}))
  const asked = [1, 2].map((body) => near.ask('far', 'never', body, { timeout, longTimeout }))
  await clock.advance(0)
  near.close()
  expect(await Promise.all(asked)).toEqual([undefined, undefined])
  const texts = sent.length
  expect(await near.ask('far', 'never', 3, { timeout })).toBeUndefined()
  expect([near.waiting, sent.length, clock.timers]).toEqual([0, texts, 0])
})

test.each([
  ['in time', {}],
  ['after it was taken', { longTimeout }],
])('an answer that arrived while this replica was blocked is received: %s', async (_when, options) => {
  const [timers, soon, sent]: [(() => void)[], (() => void)[], string[]] = [[], [], []]
  const after = (_ms: number, callback: () => void) => {
    timers.push(callback)
    return () => void timers.splice(timers.indexOf(callback), 1)
  }
  const clock = { now: () => 0, origin: 0, after, soon: (callback: () => void) => void soon.push(callback) }
  const send = async (_to: string, text: string) => sent.push(text) > 0
  const near = new ReplicaRequests({ id: 'near', clock, send })
  const answer = near.ask('far', 'any', 1, { timeout, ...options })
  const { request } = JSON.parse(sent[0]!)
  const receive = (kind: string) => near.receive(JSON.stringify({ format: 1, kind, request, by: 'far', body: 2 }))
  receive('taken')
  // The timer is late: the answer is read in the same turn of the event loop.
  for (const callback of [...timers]) callback()
  receive('answer')
  for (const callback of soon) callback()
  expect(await answer).toBe(2)
})
