import { pause, until, WireClient } from '@headcount/testing'
import { type HeadcountServer, startServer } from '@headcount/tools/processes/server.mjs'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { WebSocket } from 'ws'
import { allShow } from '../suites/stock-clients.js'
import { describeWith } from '../support/needs.js'
import { phoenixApp, pollingPhoenixes } from '../support/phoenix-app.js'
import { type ProxyName, startProxyOf } from './proxies.js'

/** Registers the cleanup of a test: the hooks of one file are not separate for concurrent tests. */
type Cleanup = TestContext['onTestFinished']

/** How long, in ms, a poll waits by default. */
const pollWindow = 10_000

/** The interval, in s, of the comments of a stream without changes. */
const comments = 15

/** Pings that a client receives in clearly more than the 2 s of a proxy with a short timeout. */
const pings = 4

/** A server with the defaults, one that pings a silent client after a second, and one of one socket per address. */
let server: HeadcountServer
let quick: HeadcountServer
let strict: HeadcountServer

beforeAll(async () => {
  const [plain, early, single] = [{}, { pingAfter: 1000 }, { socketsPerAddress: 1 }].map(startWith)
  ;[server, quick, strict] = await Promise.all([plain!, early!, single!])
})
afterAll(() => Promise.all([server, quick, strict].map((each) => each?.stop())))

describe.concurrent.each<[ProxyName, number]>([
  ['nginx', 1],
  ['haproxy', 2],
  ['caddy', 3],
])('the recipe of %s', (name, at) => {
  describeWith(name, `with ${name}`, () => {
    it('passes on joins, counts, reads, and an event stream without delay', async ({ onTestFinished: cleanup }) => {
      const { url } = await start(cleanup, name, { to: server.port })
      const topic = `stream:${name}`
      const next = await openStream(cleanup, `${url}/api/counts/${topic}/stream`)
      expect(await next()).toBe('{"users":{"count":0},"viewers":{"count":0}}')
      const client = await open(cleanup, url)
      await client.enter(topic)
      await client.shows(topic, 0, 1)
      // The stream is still open: a proxy that buffers a whole answer has not passed on anything yet.
      expect(await next()).toBe('{"users":{"count":0},"viewers":{"count":1}}')
      const other = await (await open(cleanup, url)).enter(topic)
      await client.shows(topic, 0, 2)
      const read = await fetch(`${url}/api/counts/${topic}`)
      expect(await read.json()).toEqual({ topic, counts: { users: { count: 0 }, viewers: { count: 2 } } })
      await other.close()
      await client.shows(topic, 0, 1)
      expect([...client.faults, ...other.faults]).toEqual([])
    })

    it('keeps a silent client, because the server pings it before the proxy closes it', async ({
      onTestFinished: cleanup,
    }) => {
      const { url } = await start(cleanup, name, { to: quick.port, silence: 2 })
      const client = await open(cleanup, url)
      let received = 0
      client.socket.on('ping', () => {
        received += 1
      })
      await until(`${pings} pings`, () => received >= pings, { got: () => client.closedWith ?? received })
      expect(client.closedWith).toBeUndefined()
    })

    it('keeps a stream without changes, because the server sends comments before the proxy closes it', async ({
      onTestFinished: cleanup,
    }) => {
      const { url } = await start(cleanup, name, { to: server.port, silence: comments + 2 })
      const topic = `silent:${name}`
      const next = await openStream(cleanup, `${url}/api/counts/stream?topic=${topic}`)
      await next()
      await pause((comments + 3) * 1_000)
      await (await open(cleanup, url)).enter(topic)
      expect(await next()).toBe(`{"topic":"${topic}","counts":{"users":{"count":0},"viewers":{"count":1}}}`)
    }, 40_000)

    it("passes on the client's address, and not one that the client invented", async ({ onTestFinished: cleanup }) => {
      const { url } = await start(cleanup, name, { to: strict.port })
      const [one, two] = [`127.0.${at}.1`, `127.0.${at}.2`]
      expect(await statusOf(cleanup, url, one)).toBe(101)
      expect(await statusOf(cleanup, url, two)).toBe(101)
      expect(await statusOf(cleanup, url, one)).toBe(429)
      expect(await statusOf(cleanup, url, one, { 'x-forwarded-for': '192.0.2.7' })).toBe(429)
    })

    it('passes on long polls, even those that wait for a whole poll window', async ({ onTestFinished: cleanup }) => {
      const { url } = await start(cleanup, name, { to: server.port })
      const topic = `polls:${name}`
      const watcher = await (await open(cleanup, url)).enter(topic)
      const pages = await Promise.all(
        pollingPhoenixes.map(async (phoenix) => {
          const page = await phoenixApp(phoenix, url, { polls: true })
          cleanup(() => page.socket.disconnect())
          return { page, channel: page.joinChannel(topic) }
        }),
      )
      const channels = pages.map(({ channel }) => channel)
      await watcher.shows(topic, 0, pages.length + 1)
      await pause(pollWindow + 2_000)
      await watcher.leave(topic)
      await allShow(channels, 0, pages.length)
      // None of them had to restart.
      expect(pages.map(({ page }) => page.opened())).toEqual(pages.map(() => 1))
    }, 40_000)

    it('fails no request while one replica after another restarts', async ({ onTestFinished: cleanup }) => {
      // Longer than the intervals at which the proxies ask for the health of a replica.
      const replicas = await Promise.all([1, 2].map(() => startServer(['--drain-delay', '3000'])))
      for (const each of replicas) cleanup(() => each.kill())
      const [to, ...others] = replicas.map(({ port }) => port) as [number, number]
      const { url } = await start(cleanup, name, { to, others })
      const statuses: number[] = []
      const reads = setInterval(async () => statuses.push((await fetch(`${url}/api/counts/lobby`)).status), 50)
      cleanup(() => clearInterval(reads))
      for (const replica of replicas) {
        await replica.stop()
        await replica.start()
      }
      const restarted = statuses.length
      await until('some reads after the restarts', () => statuses.length > restarted + 20)
      expect(statuses.filter((status) => status !== 200)).toEqual([])
    }, 40_000)

    if (name === 'caddy') return // It has no such timeout.
    it('closes a silent client if the server does not ping in time', async ({ onTestFinished: cleanup }) => {
      const { url } = await start(cleanup, name, { to: server.port, silence: 2 })
      const client = await open(cleanup, url)
      expect(await client.closed).toMatchObject({ code: 1006 })
    })
  })
})

async function startWith(limits: object): Promise<HeadcountServer> {
  return startServer(['--trust-proxy', '127.0.0.1'], { config: { limits } })
}

async function start(cleanup: Cleanup, ...args: Parameters<typeof startProxyOf>) {
  const proxy = await startProxyOf(...args)
  cleanup(() => proxy.stop())
  return proxy
}

async function open(cleanup: Cleanup, url: string): Promise<WireClient> {
  const client = await WireClient.open(url)
  cleanup(() => client.drop())
  return client
}

/** Opens a socket from this address of the machine, and keeps it open; @returns the status of the answer. */
function statusOf(cleanup: Cleanup, url: string, localAddress: string, headers = {}): Promise<number> {
  const address = `${url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`
  const socket = new WebSocket(address, { localAddress, headers })
  cleanup(() => socket.terminate())
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(101))
    socket.once('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode))
    socket.on('error', reject)
  })
}

/** Opens an event stream; @returns a function that waits for its next event, and returns the data. */
async function openStream(cleanup: Cleanup, url: string): Promise<() => Promise<string>> {
  const aborter = new AbortController()
  cleanup(() => aborter.abort())
  const { body } = await fetch(url, { signal: aborter.signal })
  const chunks = body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return async () => {
    for (;;) {
      const match = /^data: (.*)\n\n/m.exec(text)
      if (match !== null) {
        text = text.slice(match.index + match[0].length)
        return match[1]!
      }
      const { value, done } = await chunks.read()
      if (done) throw new Error(`the stream ended after ${JSON.stringify(text)}`)
      text += value
    }
  }
}
