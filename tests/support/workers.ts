import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Counts } from '@headcount/protocol'
import { countsOf, sameCounts, until, type WireClient } from '@headcount/testing'
import { operatorKey } from '@headcount/tools/processes/metrics.mjs'
import { type HeadcountServer, type ServerOptions, startServer } from '@headcount/tools/processes/server.mjs'

/** Starts `headcount serve --workers`; resolves when every worker listens. */
export async function startWorkers(workers: number, args: readonly string[] = [], options: ServerOptions = {}) {
  const server = await startServer(['--workers', String(workers), '--drain-over', '0', ...args], options)
  // One worker is the process itself, and logs nothing of workers.
  const pids = workers === 1 ? 0 : workers
  await server.child.until(
    'all workers listened',
    (output) => output.includes('Headcount is at ') && workerPids({ output }).filter(Boolean).length === pids,
  )
  return server
}

/** The process ids of the workers, by number, as the server logged them. */
export function workerPids({ output }: { readonly output: string }): number[] {
  const pids: number[] = []
  for (const line of output.split('\n')) {
    if (!line.includes('"worker started"')) continue
    const { worker, pid } = JSON.parse(line) as { worker: number; pid: number }
    pids[worker - 1] = pid
  }
  return pids
}

/** Signals a worker, and waits until another process has replaced it. */
export async function replaceWorker(server: HeadcountServer, pid: number, signal: NodeJS.Signals): Promise<void> {
  const size = workerPids(server).length
  process.kill(pid, signal)
  await until(`another worker instead of ${pid}`, () => {
    const pids = workerPids(server)
    return pids.length === size && !pids.includes(pid)
  })
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Sends a request over a new connection, which reaches any worker. */
export async function requestAny(url: string): Promise<string> {
  const sent = request(url, { agent: false, headers: { authorization: `Bearer ${operatorKey}` } }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += part
  return text
}

/** Waits until every worker serves these counts over HTTP. */
export async function allServe(server: HeadcountServer, topic: string, users: number, viewers: number): Promise<void> {
  const expected = countsOf(users, viewers)
  const isRight = async () => {
    const { counts } = JSON.parse(await requestAny(`${server.url}/api/counts/${topic}`)) as { counts: Counts }
    return sameCounts(counts, expected)
  }
  await until(`${users} users and ${viewers} viewers over HTTP`, async () => {
    const right = await Promise.all(Array.from({ length: Math.max(1, workerPids(server).length) }, isRight))
    return right.every(Boolean)
  })
}

/** Waits until every open client shows these counts. @throws if one has seen a violation of exactness. */
export async function openClientsShow(
  clients: readonly WireClient[],
  topic: string,
  users: number,
  viewers: number,
): Promise<void> {
  await Promise.all(openOf(clients).map((client) => client.shows(topic, users, viewers)))
  const faults = clients.flatMap((client) => client.faults)
  if (faults.length > 0) throw new Error(`counts were not exact: ${faults.join('; ')}`)
}

export function openOf(clients: readonly WireClient[]): WireClient[] {
  return clients.filter(({ closedWith }) => closedWith === undefined)
}
