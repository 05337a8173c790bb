import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { pause, until } from '@headcount/testing'
import { metric } from '@headcount/tools/processes/metrics.mjs'
import { startProxy } from '@headcount/tools/processes/tcp-proxy.mjs'
import { expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { startHeadcount } from '../support/start-headcount.js'

const cleanup = cleanups()
const topics = Array.from({ length: 100 }, (_, i) => `${i}`)
const path = `/api/counts/stream?count=true&${topics.map((topic) => `topic=${topic}`).join('&')}`

/** Counts of 20 KB each, 2 MB for a change of all topics, fill the buffers of the kernel. */
async function start() {
  const groups = ['u'.repeat(10_000), 'v'.repeat(10_000)]
  const server = await startHeadcount({ groups, http: { stallTimeout: 1_000 } })
  cleanup(() => server.stop())
  const { headcount, url } = server
  const counted = async (topic: string) => Object.values(await headcount.counts(topic))[1]!.count
  /** Changes all topics, by presences of the other group, until the reader is no longer counted. */
  const untilGone = () => {
    let kiosks = 0
    const isGone = async () => {
      kiosks += 1
      for (const topic of topics) headcount.track(topic, `${kiosks}`, { group: groups[0] })
      await pause(50)
      return (await counted('0')) === 0 && (await counted('99')) === 0
    }
    return until('no reader', isGone, { within: 15_000 })
  }
  return { ...server, port: Number(new URL(url).port), counted, untilGone }
}

const request = (port: number) => {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  cleanup(() => void socket.destroy())
  return socket
}

test('a counted reader whose process is stopped counts until its buffers have been full for a while', async () => {
  const { port, url, counted, untilGone } = await start()
  const code = `require('http').get({ port: ${port}, path: '${path}' }, (r) => r.resume())`
  const reader = spawn(process.execPath, ['-e', code])
  cleanup(() => reader.kill('SIGKILL'))
  await until('a reader', async () => (await counted('0')) === 1)
  reader.kill('SIGSTOP')
  await pause(1_500)
  expect(await counted('0')).toBe(1)
  await untilGone()
  expect(await metric(url, 'headcount_streams')).toBe(0)
})

test('a counted reader that stops reading is removed in the same way', async () => {
  const { port, counted, untilGone } = await start()
  const socket = request(port)
  await until('a reader', async () => (await counted('0')) === 1)
  socket.pause()
  await untilGone()
})

test('behind a proxy that passes on no bytes, a counted reader counts until the proxy closes', async () => {
  const { port, counted } = await start()
  const proxy = await startProxy(port)
  cleanup(() => proxy.stop())
  const socket = request(proxy.port)
  await once(socket, 'data')
  proxy.partition()
  await pause(1_500)
  expect(await counted('0')).toBe(1)
  proxy.crash()
  await until('no reader', async () => (await counted('0')) === 0)
})
