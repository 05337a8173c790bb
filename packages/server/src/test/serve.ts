import { createServer, type Server } from 'node:http'
import { promisify } from 'node:util'
import { until } from '@headcount/testing'
import { listen } from '@headcount/tools/live/listen.mjs'
import { onTestFinished } from 'vitest'
import type { Headcount } from '../application-interface.js'
import { createHeadcount } from '../headcount.js'
import { createMetrics } from '../metrics/prometheus.js'
import type { HeadcountOptions } from '../options.js'

export { listen }

export interface Served {
  readonly headcount: Headcount
  readonly server: Server
  readonly port: number
  /** `http://127.0.0.1:4321` */
  readonly url: string
  /** The log, one JSON object per line. */
  readonly logged: string[]
  get(path: string, init?: RequestInit): Promise<Response>
  /** The value of a metric, with its label if it has one: `closes_total{code="1012"}`. NaN if there is none. */
  metric(name: string): Promise<number>
}

/** Waits until the server has no connection. */
export const noConnections = ({ server }: Pick<Served, 'server'>) =>
  until('no connection', async () => (await promisify(server.getConnections).call(server)) === 0)

/** Serves only Headcount on a free port, until the end of the test. */
export async function serve(options: HeadcountOptions = {}): Promise<Served> {
  const logged: string[] = []
  const log = (fields: object, message: string) => void logged.push(JSON.stringify({ ...fields, message }))
  const metrics = createMetrics()
  const logger = { debug: log, info: log, warn: log, error: log }
  const headcount = createHeadcount({ logger, metrics, ...options })
  const server = createServer(headcount.handle)
  headcount.attach(server)
  await headcount.ready
  const url = await listen(server)
  onTestFinished(() => headcount.close())
  const metric = async (name: string) => {
    // Not from /metrics, whose text is cached for a second.
    const lines = (await (options.metrics ?? metrics).text()).split('\n')
    return Number(lines.find((line) => line.startsWith(`headcount_${name} `))?.split(' ')[1])
  }
  const port = Number(new URL(url).port)
  return { headcount, server, port, url, logged, metric, get: (path, init) => fetch(url + path, init) }
}
