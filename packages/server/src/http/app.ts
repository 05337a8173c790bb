import type { Metrics } from '@headcount/core'
import { type Clock, systemClock } from '@headcount/core'
import type { Group } from '@headcount/protocol'
import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { socketPath } from '../websocket/path.js'
import { countsRoutes } from './counts.js'
import { type AllowsOrigin, allowsOrigin, crossOriginReads } from './origins.js'
import { problem } from './problem.js'
import type { CountsSource } from './source.js'

export interface HttpOptions {
  readonly source: CountsSource
  readonly groups: readonly Group[]
  /** Why the server should take no sockets just now; the source's own word unless given. */
  trouble?(): string | undefined
  /** Without it `/metrics` is not there. */
  readonly metrics?: Metrics | undefined
  /** Whose pages may read counts; the server's own unless given. */
  readonly allowsOrigin?: AllowsOrigin | undefined
  /** Ends every stream: the server is stopping. */
  readonly signal?: AbortSignal | undefined
  /** Longest topic, in bytes of UTF-8: 255 unless given. */
  readonly maxTopicBytes?: number | undefined
  /** Most streams open at once: 5,000 unless given. */
  readonly maxStreams?: number | undefined
  readonly clock?: Clock | undefined
  /** Told of what went wrong on our side. `route` is the method and the pattern: never a topic. */
  report?(error: unknown, route: string): void
}

/** The HTTP side of a server: counts, streams, health, metrics and the demo, as a `fetch(Request): Response`. */
export function httpApp(options: HttpOptions): Hono {
  const { source, groups, metrics, signal, clock = systemClock } = options
  const trouble = options.trouble ?? (() => source.trouble())
  const report = options.report ?? (() => {})
  const app = new Hono()

  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        c.header('Allow', methods.join(', '))
        return problem(c, 405, 'method_not_allowed', `expected ${methods.join(' or ')}`)
      },
    }),
  )

  app.get('/healthz', (c) => c.json({ status: 'ok' }, 200, { 'Cache-Control': 'no-store' }))
  app.get('/readyz', (c) => {
    const reason = trouble()
    if (reason !== undefined) return problem(c, 503, 'not_ready', reason)
    return c.json({ status: 'ready' }, 200, { 'Cache-Control': 'no-store' })
  })
  if (metrics !== undefined) {
    app.get('/metrics', async (c) =>
      c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' }),
    )
  }

  const counts = countsRoutes({
    source,
    groups,
    clock,
    signal,
    maxTopicBytes: options.maxTopicBytes ?? 255,
    maxStreams: options.maxStreams ?? 5_000,
    report: (error) => report(error, 'GET /api/counts'),
  })
  metrics?.gauge('streams', counts.streams)
  app.use('/api/*', crossOriginReads(options.allowsOrigin ?? allowsOrigin(undefined)))
  app.use('/api/*', async (c, next) =>
    isWellFormed(c.req.raw.url)
      ? next()
      : problem(c, 400, 'malformed_url', 'expected a percent-encoded URL of UTF-8, got another'),
  )
  app.route('/api/counts', counts.routes)

  app.all(socketPath, (c) =>
    problem(c, 400, 'upgrade_required', 'expected an upgrade to a WebSocket, got a plain request'),
  )

  app.notFound((c) => problem(c, 404, 'not_found', 'expected a route of this server, got another'))
  app.onError((error, c) => {
    report(error, `${c.req.method} ${c.req.path.split('/', 2).join('/')}`)
    return problem(c, 500, 'internal', 'something went wrong on our side')
  })
  return app
}

/** Whether every percent sign of the URL is part of an encoding of UTF-8: else a topic would be read as another. */
function isWellFormed(url: string): boolean {
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}
