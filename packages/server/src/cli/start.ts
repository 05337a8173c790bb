import { createServer } from 'node:http'
import type { Engine } from '../counting/engine.js'
import { createHeadcount, type HeadcountOptions } from '../headcount.js'
import { type Logger, silentLogger } from '../log.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Settings } from '../settings/index.js'
import type { Primary } from '../workers/control.js'
import { type Demo, demoOf } from './demo.js'
import { type Address, listen, socketsUrlOf, stopListening, urlOf } from './listen.js'

/** What is up: where a person finds it, and what drains and ends it. */
export interface Up {
  readonly url: string
  drain(): Promise<void>
}

export interface Parts {
  readonly logger: Logger
  readonly engine: Engine
  readonly metrics?: Metrics
  /** The demo's crowd, where it is not this process's own. */
  readonly crowd?: Primary['crowd']
}

/** Starts a server as the settings say. Resolves when it listens. */
export async function start(settings: Settings, { logger, engine, metrics, crowd }: Parts): Promise<Up> {
  const { host } = settings
  let { port } = settings
  const demo = demoFor(settings, crowd === undefined ? logger : silentLogger, () => ({ host, port }))
  const headcount = createHeadcount({
    ...optionsOf(settings),
    engine,
    metrics,
    demo: demo && { ...demo, crowd: crowd ?? demo.crowd },
    logger,
  })
  const server = createServer((request, response) => {
    if (crowd === undefined || !request.url?.startsWith('/demo/crowd')) headcount.handle(request, response)
    else void crowd.refresh().finally(() => headcount.handle(request, response))
  })
  headcount.attach(server)
  const drain = async (): Promise<void> => {
    await Promise.all([stopListening(server), demo?.stop(), headcount.close()])
  }
  try {
    await headcount.ready
    port = await listen(server, { host, port }, crowd !== undefined)
  } catch (error) {
    await drain()
    throw error
  }
  server.on('error', ({ name }) => logger.error({ error: name }, 'a connection could not be taken'))
  return { url: urlOf({ host, port }), drain }
}

function optionsOf({
  groups,
  topics,
  auth,
  secret,
  origins,
  lease,
  limits,
  flush,
}: Settings): HeadcountOptions {
  return { groups, topics, auth, secret, origins, lease, limits, flush }
}

/** The demo of this process, where it is on. */
export function demoFor(settings: Settings, logger: Logger, address: () => Address): Demo | undefined {
  const { demo, demoUrl, auth } = settings
  const { secret } = auth
  if (!demo || secret === undefined) return undefined
  return demoOf({ auth: { ...auth, secret }, logger, url: () => demoUrl ?? socketsUrlOf(address()) })
}
