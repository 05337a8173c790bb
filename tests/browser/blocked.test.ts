import { createServer, type Server } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { pause } from '@headcount/testing'
import { listenLocally } from '@headcount/tools/processes/free-port.mjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { serveClientPage } from '../support/client-page.js'
import { describeWith } from '../support/needs.js'
import { Tabs } from '../support/tabs.js'

const test = it.concurrent

/** How long a page is watched, in ms. */
const watched = 20_000

describeWith('chromium', 'a page whose network blocks WebSockets', () => {
  const cleanup = cleanups(afterAll)
  let tabs: Tabs
  let served: Awaited<ReturnType<typeof serveClientPage>>
  beforeAll(async () => {
    ;[tabs, served] = await Promise.all([Tabs.launch(), serveClientPage({ origins: ['*'] })])
  })
  afterAll(() => Promise.all([tabs.close(), served.stop()]))

  /** A server between the page and Headcount, and its connections. */
  async function listen(server: Server | ReturnType<typeof createTcpServer>) {
    const sockets: Socket[] = []
    server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})))
    const port = await listenLocally(server)
    cleanup(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    return { url: `ws://127.0.0.1:${port}/socket`, sockets }
  }

  const networks = {
    refuses: () =>
      createServer((_, response) => response.writeHead(404).end()).on('upgrade', (_, socket) =>
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
      ),
    cuts: () =>
      createTcpServer((near) => {
        const far = connect(Number(new URL(served.url).port), '127.0.0.1')
        far.on('error', () => near.destroy()).pipe(near)
        near.pipe(far)
        setTimeout(() => {
          near.destroy()
          far.destroy()
        }, 200)
      }),
    swallows: () => createTcpServer((socket) => socket.resume()),
    portal: () => {
      const page = '<!doctype html><title>Please log in</title>'
      const head = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n`
      return createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(page)).on(
        'upgrade',
        (_, socket) => socket.end(head + page),
      )
    },
  }

  /** Passes on everything but the messages of WebSockets, which it opens. */
  const mute = () =>
    createTcpServer((near) => {
      const far = connect(Number(new URL(served.url).port), '127.0.0.1')
      far.on('error', () => near.destroy()).on('close', () => near.destroy())
      near.on('close', () => far.destroy())
      near.once('data', (request) => {
        far.write(request)
        if (!/^upgrade: websocket/im.test(String(request))) far.pipe(near).pipe(far)
        else far.once('data', (head) => near.write(head.subarray(0, head.indexOf('\r\n\r\n') + 4)))
      })
    })

  test('counts over Server-Sent Events if WebSockets open and receive nothing, and stays there', async () => {
    const { url } = await listen(mute())
    const tab = await tabs.open(served.pageOf('mute', { url, socket: { timeout: 1_000 } }))
    cleanup(() => tab.close().catch(() => {}))
    await tab.until("globalThis.topic?.get().status === 'live' && topic.get().counts.viewers.count === 1")
    // A minute of the page is a second.
    await tab.until('sockets.length > 4')
    expect(await tab.evaluate('topic.get()')).toMatchObject({ status: 'live', counts: { viewers: { count: 1 } } })
  })

  test('shows that it has no counts, never a wrong one, and retries slowly', async () => {
    const pages = await Promise.all(
      Object.entries(networks).map(async ([name, network]) => {
        const { url, sockets } = await listen(network())
        const tab = await tabs.open(served.pageOf('lobby', { url }))
        cleanup(() => tab.close().catch(() => {}))
        await tab.until('globalThis.topic !== undefined')
        return { name, sockets, tab }
      }),
    )
    await pause(watched)
    const report = await Promise.all(
      pages.map(async ({ name, sockets, tab }) => {
        const [status, topic] = (await tab.evaluate('[client.status, topic.get()]')) as [string, { status: string }]
        return { name, connections: sockets.length, status, topic: topic.status }
      }),
    )
    console.info(report.map((row) => JSON.stringify(row)).join('\n'))
    for (const { name, connections, status, topic } of report) {
      expect([name, connections > 1, connections <= 12]).toEqual([name, true, true])
      // If each connection is cut after 200 ms there were counts, which are now stale.
      const expected = name === 'cuts' ? /^(live|stale)$/ : /^connecting$/
      expect(status).toMatch(expected)
      expect(topic).toMatch(expected)
    }
  }, 60_000)
})
