import { once } from 'node:events'
import { request } from 'node:http'
import type { Counts } from '@headcount/protocol'
import { countsOf, sameCounts, until, WireClient, type WireClientOptions } from '@headcount/testing'
import { afterEach } from 'vitest'
import { type HeadcountServer, startServer } from '../support/server.mjs'

const servers: HeadcountServer[] = []
const clients: WireClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.drop()
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

/** Starts the built `headcount serve` with so many workers; it ends with the test. */
export async function serve(workers: number, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const server = await startServer(['--workers', String(workers), ...args], env)
  servers.push(server)
  // The first worker that listens is ready before the others.
  // What it says and what it logs come by two ways.
  await server.child.until(
    'all workers to listen',
    (output) => output.includes('Headcount is at ') && Object.keys(pidsOf({ output })).length === workers,
  )
  return server
}

/** The process ids of the workers, by number, as the server has logged them. */
export function pidsOf({ output }: { readonly output: string }): number[] {
  const pids: number[] = []
  for (const line of output.split('\n')) {
    if (!line.includes('"a worker listens"')) continue
    const { worker, pid } = JSON.parse(line) as { worker: number; pid: number }
    pids[worker - 1] = pid
  }
  return pids
}

/** Waits until a worker's process has been replaced by another that listens. */
export async function replaced(server: HeadcountServer, pid: number): Promise<void> {
  const size = pidsOf(server).length
  await until(`another worker for ${pid}`, () => {
    const pids = pidsOf(server)
    return pids.length === size && !pids.includes(pid)
  })
}

/** Whether a process runs. */
export function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A client in a topic, on whichever worker it is dealt to. */
export async function enter({ url }: HeadcountServer, topic: string, options?: WireClientOptions): Promise<WireClient> {
  const client = await WireClient.open(url, options)
  clients.push(client)
  return client.enter(topic)
}

/** Every client that is still open shows these counts, and none has seen a breach of exactness. */
export async function allShow(
  clients: readonly WireClient[],
  topic: string,
  users: number,
  viewers: number,
): Promise<void> {
  const open = clients.filter(({ end }) => end === undefined)
  await Promise.all(open.map((client) => client.shows(topic, users, viewers)))
  const faults = clients.flatMap((client) => client.faults)
  if (faults.length > 0) throw new Error(`expected no breach of exactness, got ${faults.join('; ')}`)
}

/** Asks on a connection of its own, which is dealt out as every other. */
export async function ask(url: string, method = 'GET', body?: object): Promise<string> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const call = request(url, { agent: false, method, headers })
  call.end(body && JSON.stringify(body))
  const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage]
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += part
  return text
}

/** Every worker tells these counts over HTTP. */
export async function allTell(server: HeadcountServer, topic: string, users: number, viewers: number): Promise<void> {
  const expected = countsOf(users, viewers)
  const isRight = async () => {
    const { counts } = JSON.parse(await ask(`${server.url}/api/counts/${topic}`)) as { counts: Counts }
    return sameCounts(counts, expected)
  }
  await until(`${users} users and ${viewers} viewers over HTTP`, async () => {
    const right = await Promise.all(pidsOf(server).map(isRight))
    return right.every(Boolean)
  })
}

/** One figure of the metrics. */
export async function metric({ url }: HeadcountServer, name: string): Promise<number> {
  const line = (await ask(`${url}/metrics`)).split('\n').find((each) => each.startsWith(`${name} `))
  return Number(line?.split(' ')[1])
}
