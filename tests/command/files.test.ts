import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { pause, until } from '@headcount/testing'
import { fetchMetrics, metric } from '@headcount/tools/processes/metrics.mjs'
import type { HeadcountServer } from '@headcount/tools/processes/server.mjs'
import { expect, test } from 'vitest'
import { LoadClient } from '../../tools/load/client.mjs'
import { cleanups } from '../support/cleanup.js'
import { withFiles } from '../support/processes.js'
import { allServe, startWorkers } from '../support/workers.js'

const cleanup = cleanups()
const topic = 'video:42'
const times = (text: string, part: string): number => text.split(part).length - 1

async function start(workers: number, files: number): Promise<HeadcountServer> {
  const server = await startWorkers(workers, [], withFiles(files))
  cleanup(() => server.kill())
  expect(times(server.output, `"few_files","files":${files},"sockets":100000`)).toBe(1)
  return server
}

/** Connects clients concurrently. @returns those that joined. */
async function join(server: HeadcountServer, size: number, atOnce = size): Promise<LoadClient[]> {
  const joined: LoadClient[] = []
  for (let i = 0; i < size; i += atOnce) joined.push(...(await joinAtOnce(server, atOnce)))
  return joined
}

async function joinAtOnce({ url }: HeadcountServer, size: number): Promise<LoadClient[]> {
  const clients = Array.from({ length: size }, () => new LoadClient({ url: url.replace('http', 'ws'), topic }))
  cleanup(() => clients.map((client) => client.drop()))
  const joined = clients.map(async (client) => (await client.connect()) && (await client.join())?.status === 'ok')
  const late = pause(10_000).then(() => false)
  const outcomes = await Promise.all(joined.map((one) => Promise.race([one, late])))
  return clients.filter((_, i) => outcomes[i])
}

/** Opens connections that send nothing. */
async function connectSilent({ port }: HeadcountServer, size: number): Promise<Socket[]> {
  const sockets = Array.from({ length: size }, () =>
    connect(port, '127.0.0.1')
      .resume()
      .on('error', () => {}),
  )
  cleanup(() => sockets.map((socket) => socket.destroy()))
  await Promise.all(sockets.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])))
  return sockets
}

const readiness = ({ url }: HeadcountServer) =>
  fetch(`${url}/readyz`, { headers: { connection: 'close' } }).then(
    async (response) => `${response.status} ${await response.text()}`,
    () => 'no answer',
  )

/** Waits until the server is ready, and has closed its side of most connections. */
async function released(server: HeadcountServer): Promise<void> {
  await until('the server to be ready', async () => (await readiness(server)).startsWith('200'))
  await until('few open files', async () => (await metric(server.url, 'process_open_fds')) < 60)
}

test('near the limit of open files sockets are refused, counted and logged once, and /readyz says so', async () => {
  const server = await start(1, 120)
  const clients = await join(server, 200, 20)
  expect(clients.length).toBeGreaterThan(30)
  expect(clients.length).toBeLessThan(100)
  await until('all to be counted', () => clients.every(({ total }) => total === clients.length))
  expect(await readiness(server)).toContain('503 {"error":{"code":"not_ready","message":"files"}}')
  expect(await fetchMetrics(server.url)).toMatch(/^headcount_refused_upgrades_total\{code="files"\} [1-9]/m)
  expect(times(server.output, '"event":"overloaded","reason":"files"')).toBe(1)
  for (const client of clients) client.drop()
  await released(server)
  expect(await join(server, 30)).toHaveLength(30)
}, 60_000)

test('silent connections do not use up the files: open sockets are served', async () => {
  const server = await start(1, 120)
  const clients = await join(server, 10)
  const silent = await connectSilent(server, 200)
  await until('most to be refused', () => silent.filter(({ closed }) => closed).length > 80)
  expect(times(server.output, '"event":"connection_refused"')).toBe(1)
  await until('the server to be unready', async () => /^(503|no answer)/.test(await readiness(server)))
  for (const client of clients) expect(await client.heartbeat()).toEqual({ status: 'ok', response: {} })
  for (const socket of silent) socket.destroy()
  await released(server)
  expect(await fetchMetrics(server.url)).toMatch(/^headcount_http_refused_total\{code="too_many_connections"\} [1-9]/m)
  expect(await join(server, 30)).toHaveLength(30)
}, 60_000)

test('with workers, closed connections make room for as many', async () => {
  const server = await start(2, 300)
  for (let round = 0; round < 3; round++) {
    const silent = await connectSilent(server, 900)
    await pause(3_000)
    for (const socket of silent) socket.destroy()
    await allServe(server, topic, 0, 0)
  }
  expect(await metric(server.url, 'headcount_workers_restarted_total')).toBe(0)
  expect(await join(server, 100)).toHaveLength(100)
}, 60_000)
