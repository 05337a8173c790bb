import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { until, WireClient } from '@headcount/testing'
import { listenLocally } from '@headcount/tools/processes/free-port.mjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { startNetwork } from '../support/network.js'
import { quickPolls } from '../support/quick-polls.js'
import { type Running, startHeadcount } from '../support/start-headcount.js'
import { Tabs } from '../support/tabs.js'

/** A page with the stock client. Its query has the URL of the counts, and a topic. */
const page = `<!doctype html>
<title>A page on the stock client</title>
<link rel="icon" href="data:,">
<p></p>
<script type="module">
  import { Socket } from '/phoenix.mjs'

  const query = new URLSearchParams(location.search)
  const url = query.get('counts') + '/socket'
  globalThis.socket = new Socket(url, { longPollFallbackMs: 500, authToken: 'none' })
  socket.connect()
  const channel = socket.channel(query.get('topic'))
  const show = ({ viewers }) => { document.querySelector('p').textContent = viewers.count + ' watching' }
  channel.on('presence_state', show)
  channel.on('presence_diff', ({ counts }) => show(counts))
  channel.join()
</script>`

describeWith('chromium', 'a page on the stock client in a browser whose network blocks WebSockets', () => {
  const cleanup = cleanups()
  let tabs: Tabs
  let pages: Server
  let pagesPort: number
  let counts: Running
  let network: Awaited<ReturnType<typeof startNetwork>>
  const pageAt = (host: string, topic: string): string =>
    `http://${host}:${pagesPort}/?counts=${encodeURIComponent(network.url)}&topic=${topic}`

  beforeAll(async () => {
    const phoenix = readFileSync(new URL('../../node_modules/phoenix/priv/static/phoenix.mjs', import.meta.url))
    pages = createServer(({ url }, response) => {
      const isScript = url === '/phoenix.mjs'
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html').end(isScript ? phoenix : page)
    })
    pagesPort = await listenLocally(pages)
    counts = await startHeadcount({ origins: [`http://localhost:${pagesPort}`], limits: quickPolls })
    network = await startNetwork(counts.port, 'refused')
    tabs = await Tabs.launch()
  }, 60_000)
  afterAll(async () => {
    await tabs?.close()
    network?.stop()
    await counts?.stop()
    pages.close()
  })

  test('of another origin shows the counts over long polls, and is counted once', async () => {
    const watcher = await (await WireClient.open(counts.url)).enter('video')
    cleanup(() => watcher.drop())
    const tab = await tabs.open(pageAt('localhost', 'video'))
    const text = () => tab.evaluate('document.querySelector("p").textContent')
    await until('the page to show two', async () => (await text()) === '2 watching', { got: text })
    await watcher.shows('video', 0, 2)
    const other = await (await WireClient.open(counts.url)).enter('video')
    await until('the page to show three', async () => (await text()) === '3 watching', { got: text })
    expect(await tab.evaluate('socket.conn.constructor.name')).toBe('LongPoll')
    await other.close()
    await tab.close()
    await watcher.shows('video', 0, 1)
  })

  test('of an origin that is not allowed is not counted', async () => {
    const tab = await tabs.open(pageAt('127.0.0.1', 'other'))
    cleanup(() => tab.close())
    await until('the page to have tried', () => tab.evaluate('socket.reconnectTimer.tries > 2'))
    expect(await counts.headcount.counts('other')).toEqual({ users: { count: 0 }, viewers: { count: 0 } })
  })
})
