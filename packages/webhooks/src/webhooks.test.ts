import { MemoryCluster, type Metrics, maxWaiting, noMetrics, type Transitions } from '@headcount/core'
import { FakeClock } from '@headcount/testing'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { WebhookOptions } from './options.js'
import type { Post } from './post.js'
import { createWebhooks } from './webhooks.js'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const hour = 3_600_000

interface Received {
  readonly id: string
  readonly at: number
  readonly signature: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read bodies of every kind
  readonly body: any
}

let clock: FakeClock
let cluster: MemoryCluster
let received: Received[]
let logged: string[]
let counted: string[]
let gauges: Map<string, () => unknown>
/** How the receiver answers: a status, or nothing. */
let answer: (n: number) => number | undefined
let retryAfter: number | undefined

beforeEach(() => {
  clock = new FakeClock(1_700_000_000_000)
  cluster = new MemoryCluster(clock)
  received = []
  logged = []
  counted = []
  gauges = new Map()
  answer = () => 200
  retryAfter = undefined
})

async function post({ headers, body }: Post) {
  const signature = headers['webhook-signature']!
  received.push({ id: headers['webhook-id']!, at: clock.now(), signature, body: JSON.parse(body) })
  const status = answer(received.length)
  if (status === undefined) throw new Error('connect ECONNREFUSED')
  return { status, retryAfter }
}

/** Starts a webhook, which gets its first sync. @returns its engine. */
async function start(options: Partial<WebhookOptions> = {}, through = (transitions: Transitions) => transitions) {
  const at = (_fields: { event?: string }, message: string) => void logged.push(message)
  const count: Metrics['count'] = (_name, _by, label) => void counted.push(label!)
  const metrics: Metrics = { ...noMetrics, count, gauge: (name, read) => void gauges.set(name, read) }
  const environment = { clock, random: () => 1, post, logger: { info: at, warn: at }, metrics }
  const receiver = createWebhooks([{ url: 'https://example.com/x', secret, ...options }], environment)
  const engine = cluster.engine()
  await engine.open('a', { groups: 2, lease: 1e9, changed() {}, levels: receiver.levels })
  const stop = receiver.start(through(engine.transitions!))
  onTestFinished(async () => void (await Promise.all([stop(), clock.advance(1)])))
  await clock.advance()
  return { engine, stop, receiver }
}

type Engine = Awaited<ReturnType<typeof start>>['engine']
const set = (engine: Engine, topic: string, ...counts: number[]) =>
  engine.commit([{ topic, counts, people: [], interval: 50 }])

/** The value is that of the request before. */
async function queue(): Promise<unknown> {
  const read = gauges.get('webhook_queue')!
  read()
  await clock.advance()
  return read()
}

const types = () => received.map(({ body }) => body.type)

test('a receiver gets the changes of a topic, with its counts and a version', async () => {
  const { engine } = await start({ thresholds: [3] })
  expect(received).toHaveLength(1)
  expect(received[0]!.body).toMatchObject({ type: 'topics.sync', data: { part: 1, isLast: true, topics: [] } })
  await set(engine, 'video:1', 1, 2)
  await clock.advance(500)
  const { type, timestamp, data } = received[1]!.body
  expect([type, new Date(timestamp).getTime()]).toEqual(['topics.changed', 1_700_000_000_000])
  const counts = { users: { count: 1 }, viewers: { count: 2 } }
  const [first, second] = data.changes
  expect(data.changes).toEqual([
    { topic: 'video:1', change: 'occupied', counts, version: first.version },
    { topic: 'video:1', change: 'above', threshold: 3, counts, version: second.version },
  ])
  expect(second.version).toBeGreaterThan(first.version)
  await set(engine, 'video:1', 0, 0)
  await clock.advance(500)
  expect(received[2]!.body.data.changes).toMatchObject([{ change: 'below', threshold: 3 }])
  await clock.advance(5_000)
  expect(received[3]!.body.data.changes).toMatchObject([{ change: 'vacant', counts: { users: { count: 0 } } }])
})

test('a receiver gets only the topics of its patterns', async () => {
  const { engine } = await start({ topics: ['video:*'] })
  for (const topic of ['room:1', 'video:1']) await set(engine, topic, 1, 0)
  await clock.advance(1_000)
  expect(received.slice(1).flatMap(({ body }) => body.data.changes.map((one: { topic: string }) => one.topic))).toEqual(
    ['video:1'],
  )
})

test('an unaccepted request is repeated, the same with the same id, with growing delays', async () => {
  const { engine } = await start()
  answer = (n) => (n < 6 ? [500, undefined, 301][n % 3] : 204)
  await set(engine, 'a', 1, 0)
  await clock.advance(60_000)
  const attempts = received.slice(1)
  expect(attempts).toHaveLength(5)
  expect(new Set(attempts.map(({ id, body }) => `${id} ${JSON.stringify(body)}`)).size).toBe(1)
  const gaps = attempts.slice(1).map(({ at }, i) => at - attempts[i]!.at)
  expect(gaps).toEqual([1_000, 2_000, 4_000, 8_000])
  expect(logged).toEqual(['a webhook is not accepted, retrying', 'a webhook is accepted again'])
  expect(counted).toEqual(['delivered', 'failed', 'failed', 'failed', 'failed', 'delivered'])
})

test('the next attempt waits for as long as the receiver asks', async () => {
  const { engine } = await start()
  answer = (n) => (n < 3 ? 429 : 200)
  retryAfter = 30_000
  await set(engine, 'a', 1, 0)
  await clock.advance(60_000)
  expect(received[2]!.at - received[1]!.at).toBe(30_000)
})

test('after a day without success a receiver gets a sync instead of pending changes', async () => {
  const { engine } = await start()
  await set(engine, 'stays', 2, 0)
  await clock.advance(500)
  answer = () => 503
  await set(engine, 'comes', 1, 0)
  await clock.advance(24.2 * hour)
  answer = () => 200
  const before = received.length
  await clock.advance(600_000)
  const after = received.slice(before)
  expect(after.map(({ body }) => body.type)).toEqual(['topics.sync', 'topics.sync'])
  expect(after[0]!.body.data.topics.map(({ topic }: { topic: string }) => topic)).toEqual(['stays', 'comes'])
  expect(after.map(({ body }) => body.data.isLast)).toEqual([false, true])
  expect(logged).toContain('changes were dropped: a webhook was not accepted for a day, or too many waited')
})

test('a sync renews the lead with each part, and ends where another replica leads', async () => {
  let leads = true
  const parts = async function* () {
    for (const topic of ['a', 'b', 'c']) {
      yield [{ topic, totals: [1, 0], version: 1 }]
    }
  }
  answer = (n) => {
    leads = n < 2
    return 200
  }
  await start({}, (transitions) => ({
    ...{ lead: async () => leads, topicsAbove: parts, next: () => transitions.next('r') },
    ...{ acknowledge: async () => {}, skip: async () => {}, waiting: async () => 0 },
  }))
  await clock.advance(5_000)
  expect(received.map(({ body }) => body.data.part)).toEqual([1, 2])
})

test('a receiver that more waits for than is kept gets a sync in place of it, which is counted once', async () => {
  const { engine } = await start()
  answer = () => 503
  for (let i = 0; i < maxWaiting; i++) await set(engine, `topic:${i}`, 1, 0)
  expect(await queue()).toBe(maxWaiting)
  await clock.advance(500)
  await set(engine, 'one more', 1, 0)
  answer = () => 200
  await clock.advance(600_000)
  expect(await queue()).toBe(0)
  expect(types().at(-1)).toBe('topics.sync')
  expect(counted.filter((outcome) => outcome === 'dropped')).toHaveLength(1)
})

test('a sync that fails in the middle begins again', async () => {
  let name = ''
  const next = (transitions: Transitions) => (receiver: string) => {
    name = receiver
    return transitions.next(receiver)
  }
  const { engine } = await start({}, (transitions) => delegating(transitions, { next: next(transitions) }))
  answer = (n) => (n === 4 ? 500 : 200)
  await set(engine, 'a', 1, 0)
  await clock.advance(500)
  await engine.transitions!.skip(name)
  await clock.advance(5_000)
  expect(received.slice(2).map(({ body }) => body.data.isLast)).toEqual([false, true, false, true])
})

describe('a replica that does not lead', () => {
  test('sends nothing', async () => {
    let leads = false
    const { engine } = await start({}, (transitions) => delegating(transitions, { lead: async () => leads }))
    await set(engine, 'a', 1, 0)
    await clock.advance(5_000)
    expect(received).toEqual([])
    leads = true
    await clock.advance(1_000)
    expect(types()).toEqual(['topics.sync', 'topics.sync'])
  })
})

test('a replica continues to lead while it waits for the next attempt', async () => {
  const asked: number[] = []
  const through = (transitions: Transitions) =>
    delegating(transitions, {
      lead() {
        asked.push(clock.now())
        return transitions.lead()
      },
    })
  answer = () => 500
  await start({}, through)
  await clock.advance(hour)
  const gaps = asked.slice(1).map((at, i) => at - asked[i]!)
  expect(Math.max(...gaps)).toBeLessThanOrEqual(500)
  expect(received.length).toBeLessThan(25)
})

test('a cluster that cannot be reached is asked again', async () => {
  let isAway = true
  const next = (transitions: Transitions) => (name: string) =>
    isAway ? Promise.reject(new Error('away')) : transitions.next(name)
  await start({}, (transitions) => delegating(transitions, { next: next(transitions) }))
  await clock.advance(2_000)
  expect(received).toEqual([])
  isAway = false
  await clock.advance(1_000)
  expect(types()).toEqual(['topics.sync'])
})

test('a reload replaces the secrets: a request that is sent again is signed with the new ones', async () => {
  answer = (n) => (n === 2 ? 500 : 200)
  const { receiver, engine } = await start()
  await set(engine, 'a', 1, 0)
  await clock.advance(500)
  const next = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
  receiver.reload([{ url: 'https://example.com/x', secret: [next, secret] }])
  await clock.advance(5_000)
  expect(types()).toEqual(['topics.sync', 'topics.changed', 'topics.changed'])
  const [before, after] = received.slice(1).map(({ signature }) => signature.split(' '))
  expect(received[2]!.id).toBe(received[1]!.id)
  expect([before?.length, after?.length]).toEqual([1, 2])
  expect(after?.[0]).not.toBe(before?.[0])
})

test.each<[string, Partial<WebhookOptions>]>([
  ['another URL', { url: 'https://example.com/y' }],
  ['a threshold', { thresholds: [3] }],
  ['an invalid secret', { secret: 'short' }],
])('a reload with %s is refused, and changes nothing', async (_title, options) => {
  const { receiver, engine } = await start()
  const reload = () => receiver.reload([{ url: 'https://example.com/x', secret, ...options }])
  expect(reload).toThrow(expect.objectContaining({ code: 'bad_option' }))
  await set(engine, 'a', 1, 0)
  await clock.advance(500)
  expect(types()).toEqual(['topics.sync', 'topics.changed'])
})

test('it stops at once, even while it waits for the next attempt', async () => {
  answer = () => 500
  const { stop } = await start()
  await stop()
  const before = received.length
  await clock.advance(hour)
  expect([received.length, clock.timers]).toEqual([before, 0])
})

function delegating(transitions: Transitions, over: Partial<Transitions>): Transitions {
  return {
    lead: () => transitions.lead(),
    next: (name) => transitions.next(name),
    acknowledge: (name, id) => transitions.acknowledge(name, id),
    skip: (name) => transitions.skip(name),
    waiting: () => transitions.waiting(),
    topicsAbove: () => transitions.topicsAbove(),
    ...over,
  }
}
