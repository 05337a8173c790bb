import type { ServerResponse } from 'node:http'
import { random, until } from '@headcount/testing'
import { listen } from '@headcount/tools/live/listen.mjs'
import { type HeadcountServer, startServer } from '@headcount/tools/processes/server.mjs'
import { Webhook } from 'standardwebhooks'
import { afterAll, describe, expect, test } from 'vitest'
import { LoadClient } from '../../tools/load/client.mjs'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'

const cleanup = cleanups(afterAll)
const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`

interface Change {
  readonly topic: string
  readonly change: string
  readonly version: number
  readonly counts: Readonly<Record<string, { count: number }>>
}

/** A receiver that verifies requests, and applies accepted ones as described in docs/WEBHOOKS.md. */
class Receiver {
  /** Every body by its id: an id with a different body fails. */
  readonly bodies = new Map<string, string>()
  readonly changes: Change[] = []
  readonly problems: string[] = []
  syncs = 0
  /** The newest of each topic. */
  readonly occupied = new Map<string, { readonly is: boolean; readonly version: number }>()
  url = ''

  /** @param accepts handles a request; returns true to accept it, and anything else if it has answered. */
  constructor(private readonly accepts: (response: ServerResponse) => boolean = () => true) {}

  async start(): Promise<this> {
    const origin = await listen(async (request, response) => {
      let body = ''
      for await (const text of request.setEncoding('utf8')) body += text
      this.#check(request.headers as Record<string, string>, body)
      if (!this.accepts(response)) return
      this.#apply(JSON.parse(body))
      response.writeHead(204).end()
    }, cleanup)
    this.url = `${origin}/hook`
    return this
  }

  #check(headers: Record<string, string>, body: string): void {
    try {
      new Webhook(secret).verify(body, headers)
    } catch (error) {
      this.problems.push(String(error))
    }
    const id = headers['webhook-id']!
    if ((this.bodies.get(id) ?? body) !== body) this.problems.push(`${id} has another body`)
    this.bodies.set(id, body)
  }

  #apply({ type, data }: { type: string; data: { changes?: Change[]; topics?: Change[]; part: number } }): void {
    if (type === 'topics.sync') {
      if (data.part === 1) this.occupied.clear()
      this.syncs += 1
    }
    for (const { topic, version } of data.topics ?? []) this.occupied.set(topic, { is: true, version })
    for (const change of data.changes ?? []) {
      this.changes.push(change)
      const { topic, version } = change
      if ((this.occupied.get(topic)?.version ?? 0) >= version) continue
      this.occupied.set(topic, { is: change.change === 'occupied', version })
    }
  }
}

async function serve(given: object | readonly object[], args: readonly string[] = []): Promise<HeadcountServer> {
  const webhooks = [given].flat().map((webhook) => ({ allowPrivate: true, vacantAfter: 500, ...webhook }))
  const server = await startServer(args, { config: { webhooks }, env: { HEADCOUNT_WEBHOOK_SECRET: secret } })
  cleanup(() => server.kill())
  return server
}

async function join_({ url }: HeadcountServer, topic: string): Promise<LoadClient> {
  const client = new LoadClient({ url: url.replace('http', 'ws'), topic })
  await client.connect()
  await client.join()
  return client
}

const received = ({ changes }: Receiver) => changes.map(({ topic, change }) => `${topic} ${change}`)

describe.concurrent.each([
  ['a server', []],
  ['workers', ['--workers', '2']],
])('%s', (_title, args) => {
  test('sends webhooks of topics that fill and empty', async () => {
    const receiver = await new Receiver().start()
    const server = await serve({ url: receiver.url, thresholds: [2], topics: ['video:*'] }, args)
    const clients = [await join_(server, 'video:1'), await join_(server, 'video:1'), await join_(server, 'other')]
    await until('the topic to fill', () => receiver.changes.length === 2)
    for (const client of clients) await client.close()
    await until('the topic to empty', () => receiver.changes.length === 4)
    expect(received(receiver)).toEqual(['video:1 occupied', 'video:1 above', 'video:1 below', 'video:1 vacant'])
    expect(receiver.problems).toEqual([])
  })
})

test.concurrent('a receiver that fails, redirects and closes the connection gets everything in the end', async () => {
  const failures = [
    (response: ServerResponse) => response.writeHead(500).end(),
    (response: ServerResponse) => response.writeHead(307, { location: '/elsewhere' }).end(),
    (response: ServerResponse) => response.destroy(),
  ]
  const receiver = await new Receiver((response) => failures.shift()?.(response) === undefined).start()
  const server = await serve({ url: receiver.url })
  await join_(server, 'a')
  await until('the change', () => receiver.occupied.get('a')?.is === true, { within: 15_000 })
  expect([failures, receiver.problems]).toEqual([[], []])
})

test.concurrent('a private address is refused unless it is allowed', async () => {
  const receiver = await new Receiver().start()
  const server = await serve({ url: receiver.url.replace('http:', 'https:'), allowPrivate: false })
  await until('the refusal', () => server.output.includes('"webhook_outage_began"'))
  expect(server.output).toContain('the host has an address of a private network')
  expect(receiver.bodies.size).toBe(0)
})

/** The number of transitions: the long form is `WEBHOOK_CHANGES=10000 npm test -- command/webhooks`. */
const size = Number(process.env.WEBHOOK_CHANGES ?? 400)

describeWith('redis', 'workers over Redis', () => {
  const redis = withRedis()

  test('send each change once', async () => {
    const receiver = await new Receiver().start()
    const server = await serve({ url: receiver.url }, ['--workers', '2', '--redis', redis().url])
    const clients = [await join_(server, 'a'), await join_(server, 'a')]
    await until('the topic to fill', () => receiver.changes.length === 1)
    for (const client of clients) await client.close()
    await until('the topic to empty', () => receiver.changes.length === 2)
    expect(received(receiver)).toEqual(['a occupied', 'a vacant'])
    expect(receiver.problems).toEqual([])
  })
})

describeWith('redis', 'three servers over Redis, of which two are killed', () => {
  const redis = withRedis()

  test(`deliver all of ${size} transitions to a receiver that fails a third of the time`, async () => {
    const { chance, below } = random(5)
    let failures = 0
    let inARow = 0
    const failing = await new Receiver((response) => {
      // Each failure in a row doubles the delay of the next retry.
      inARow = inARow < 2 && chance(1 / 3) ? inARow + 1 : 0
      if (inARow === 0) return true
      failures += 1
      if (chance(0.5)) response.writeHead(503).end()
      else response.destroy()
      return false
    }).start()
    // Joins and leaves of one commit are no transition: this receiver's changes are the reference.
    const steady = await new Receiver().start()
    const receivers = [failing, steady]
    const webhooks = receivers.map(({ url }) => ({ url, vacantAfter: 0 }))
    const args = ['--redis', redis().url, '--lease', '2000']
    const servers = await Promise.all([0, 1, 2].map(() => serve(webhooks, args)))
    await until('the first syncs', () => receivers.every(({ syncs }) => syncs > 0))
    const topics = Array.from({ length: Math.max(20, size / 50) }, (_, i) => `topic:${i}`)
    const inside = new Map<string, LoadClient>()
    const joined = new Set<string>()
    const step = async (topic: string): Promise<void> => {
      const client = inside.get(topic)
      if (client === undefined) {
        const alive = servers.filter(({ running }) => running)
        inside.set(topic, await join_(alive[below(alive.length)]!, topic))
        joined.add(topic)
      } else {
        inside.delete(topic)
        await client.close()
      }
    }
    let killed = 0
    while (steady.changes.length < size) {
      // Beyond 10,000 changes that wait, a sync replaces the oldest.
      const keepsUp = () => steady.changes.length - failing.changes.length < 3_000
      await until('the failing receiver to keep up', keepsUp, { within: 120_000 })
      await Promise.all([...new Set(Array.from({ length: 10 }, () => topics[below(topics.length)]!))].map(step))
      if (killed < 2 && steady.changes.length > ((killed + 1) * size) / 3) {
        await servers[killed]!.kill()
        killed += 1
        // Their clients are disconnected.
        for (const [topic, client] of inside) if (!client.open) inside.delete(topic)
      }
    }
    const isRight = ({ occupied }: Receiver) =>
      [...joined].every((topic) => (occupied.get(topic)?.is ?? false) === inside.has(topic))
    const received = ({ changes }: Receiver) => [
      ...new Set(changes.map(({ topic, change, version }) => `${version} ${topic} ${change}`)),
    ]
    await until(
      'everything to be delivered',
      () => receivers.every(isRight) && received(failing).length === received(steady).length,
      {
        within: 60_000,
        got: () => receivers.map((receiver) => `${received(receiver).length}, ${isRight(receiver)}`).join('; '),
      },
    )
    // Nothing is lost, and all arrives in order: only whole requests are repeated.
    expect(received(failing)).toEqual(received(steady))
    expect([killed, failing.problems, steady.problems]).toEqual([2, [], []])
    const versions = [...new Set(failing.changes.map(({ version }) => version))]
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
    const { bodies, syncs } = failing
    const repeats = failing.changes.length - received(failing).length
    const all = `${received(failing).length} transitions in ${bodies.size} requests, ${failures} failures`
    console.info(`${all}, ${repeats} accepted again, ${syncs} syncs`)
  }, 600_000)
})
