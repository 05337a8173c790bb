import { createServer } from 'node:http'
import type { Engine, Logger, Metrics } from '@headcount/core'
import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import type { Settings } from '../settings/index.js'
import { listen, stopListening, urlOf } from './listen.js'

/** What is up: where a person finds it, and what drains and ends it. */
export interface Up {
  readonly url: string
  drain(): Promise<void>
}

export interface Parts {
  readonly logger: Logger
  readonly engine: Engine
  readonly metrics?: Metrics
  /** One of several processes that share the port. */
  readonly shared?: boolean
}

/** Starts a server as the settings say. Resolves when it listens. */
export async function start(settings: Settings, { logger, engine, metrics, shared = false }: Parts): Promise<Up> {
  const { host } = settings
  let { port } = settings
  const headcount = createHeadcount({
    ...optionsOf(settings),
    engine,
    metrics,
    logger,
  })
  const server = createServer((request, response) => headcount.handle(request, response))
  headcount.attach(server)
  const drain = async (): Promise<void> => {
    await Promise.all([stopListening(server), headcount.close()])
  }
  try {
    await headcount.ready
    port = await listen(server, { host, port }, shared)
  } catch (error) {
    await drain()
    throw error
  }
  server.on('error', ({ name }) => logger.error({ error: name }, 'a connection could not be taken'))
  return { url: urlOf({ host, port }), drain }
}

function optionsOf({ groups, topics, auth, secret, origins, lease, limits, flush }: Settings): HeadcountOptions {
  return { groups, topics, auth, secret, origins, lease, limits, flush }
}
