import { ReplicaRequests } from '@headcount/core'
import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import type { PollAnswer, Push } from './answer.js'
import { RelayedRequests, type RelayedRequestsOptions, takenTimeout } from './relayed-requests.js'
import { seal } from './seal.js'
import { newSession } from './session-token.js'

/** Two replicas: `near` gets the requests of clients, and `far` has a session. The test answers its polls. */
function start({ maxWaiting = 10 } = {}) {
  const clock = new FakeClock()
  const names = newSession()
  const pushed: Push[] = []
  const polls: { sequence: number; signal: AbortSignal; answer(answer: PollAnswer): void }[] = []
  const session: ReturnType<RelayedRequestsOptions['find']> = {
    names,
    poll: (sequence, signal) => new Promise((answer) => polls.push({ sequence, signal, answer })),
    push: async (push) => {
      pushed.push(push)
      return 200
    },
  }
  const sent: string[] = []
  const replicas = new Map<string, ReplicaRequests>()
  const add = (id: string): RelayedRequests => {
    const requests = new ReplicaRequests({
      ...{ id, clock },
      async send(to, text) {
        sent.push(text)
        replicas.get(to)?.receive(text)
        return replicas.has(to)
      },
    })
    replicas.set(id, requests)
    return new RelayedRequests({
      ...{ requests, maxWaiting, answerTimeout: 15_000 },
      find: (name) => (id === 'far' && name === names.session ? session : undefined),
    })
  }
  const [near, far] = [add('near'), add('far')]
  const token = { ...names, replica: 'far', sequence: 3 }
  return { clock, near, far, replicas, token, polls, pushed, sent, signal: new AbortController().signal }
}

const push = { body: '["1","1","phoenix","token",{"token":"planted"}]', isBatch: true }

test('a poll and a POST are answered by the replica that has the session', async () => {
  const { clock, near, token, polls, pushed, signal } = start()
  const polled = near.poll(token, signal)
  await clock.advance(0)
  expect(polls[0]?.sequence).toBe(3)
  polls[0]?.answer({ status: 200, sequence: 4, messages: '["planted"]' })
  expect(await polled).toEqual({ status: 200, sequence: 4, messages: '["planted"]' })
  expect(await near.push(token, push)).toBe(200)
  expect(pushed).toEqual([push])
  expect(clock.timers).toBe(0)
})

test('messages between replicas reveal neither the texts nor the key of a client', async () => {
  const { clock, near, token, polls, sent, signal } = start()
  const polled = near.poll(token, signal)
  await clock.advance(0)
  polls[0]?.answer({ status: 200, sequence: 4, messages: '["planted"]' })
  await Promise.all([polled, near.push(token, push)])
  expect(sent.length).toBeGreaterThan(4)
  for (const text of sent) {
    const { body = '' } = JSON.parse(text)
    expect(text + Buffer.from(body.sealed ?? body, 'base64').toString('latin1')).not.toMatch(/planted|phoenix/)
    expect(text).not.toContain(token.key)
  }
})

test('another key, a replica without the session and an unknown replica are answered with 410', async () => {
  const { near, token, polls, signal } = start()
  const guesses = [
    { ...token, key: newSession().key },
    { ...token, session: newSession().session },
    { ...token, replica: 'unknown' },
  ]
  for (const guess of guesses) {
    expect(await near.poll(guess, signal)).toEqual({ status: 410 })
    expect(await near.push(guess, push)).toBe(410)
  }
  expect(polls).toEqual([])
})

test('a request times out if the replica does not acknowledge it, or does not answer it', async () => {
  const { clock, near, token, replicas, signal } = start()
  const waiting = near.poll(token, signal)
  await clock.advance(14_900)
  replicas.set('far', new ReplicaRequests({ id: 'far', clock, send: async () => true }))
  const unheard = near.poll(token, signal)
  await clock.advance(takenTimeout + 100)
  expect([await waiting, await unheard]).toEqual([{ status: 410 }, { status: 410 }])
  expect(clock.timers).toBe(0)
})

test('a poll whose client has left ends at the replica that has its session', async () => {
  const { clock, near, token, polls } = start()
  const client = new AbortController()
  const polled = near.poll(token, client.signal)
  await clock.advance(0)
  client.abort()
  expect(await polled).toEqual({ status: 410 })
  expect(polls[0]?.signal.aborted).toBe(true)
})

test('the number of requests that wait for other replicas is limited', async () => {
  const { clock, near, token, polls, signal } = start({ maxWaiting: 2 })
  for (let i = 0; i < 2; i++) void near.poll(token, signal)
  expect(await near.poll(token, signal)).toEqual({ status: 410 })
  await clock.advance(0)
  expect(polls).toHaveLength(2)
  polls[0]?.answer({ status: 204, sequence: 3 })
  await clock.advance(0)
  void near.poll(token, signal)
  await clock.advance(0)
  expect(polls).toHaveLength(3)
})

test('a forged answer and one to an earlier request are answered with 410', async () => {
  const { clock, near, replicas, token, polls, sent, signal } = start()
  const polled = near.poll(token, signal)
  await clock.advance(0)
  polls[0]?.answer({ status: 204, sequence: 3 })
  expect(await polled).toEqual({ status: 204, sequence: 3 })
  const messages = () => sent.map((text) => JSON.parse(text))
  const earlier = messages().find(({ kind }) => kind === 'answer')
  for (const body of [earlier.body, Buffer.alloc(64).toString('base64'), 7, { status: 204 }]) {
    const next = near.poll(token, signal)
    const { request } = messages().findLast(({ kind }) => kind === 'ask')
    replicas.get('near')!.receive(JSON.stringify({ ...earlier, request, body }))
    expect(await next).toEqual({ status: 410 })
  }
})

test.each([null, 7, {}, { poll: '3' }, { push: null }, { push: { body: 7 } }])(
  'a request for %j with the right key is answered like one with another key',
  async (ask) => {
    const { replicas, token, pushed, polls, sent } = start()
    const body = { session: token.session, sealed: seal(token.key, 'ask', ask) }
    expect(await replicas.get('near')!.ask('far', 'poller', body, { timeout: 1_000 })).toBeUndefined()
    expect(sent.map((text) => JSON.parse(text).kind)).toEqual(['ask', 'answer'])
    expect([pushed, polls]).toEqual([[], []])
  },
)

test.each([null, 7, {}, { session: 7, sealed: '' }, { sealed: '' }])(
  'a request of %j is not answered',
  async (body) => {
    const { clock, replicas } = start()
    expect(await replicas.get('near')!.ask('far', 'poller', body, { timeout: 1_000 })).toBeUndefined()
    expect(clock.timers).toBe(0)
  },
)
