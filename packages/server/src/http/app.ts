import type { IncomingMessage } from 'node:http'
import type { Clock, Metrics, Turn } from '@headcount/core'
import { type Group, isSocketPath } from '@headcount/protocol'
import { Hono, type MiddlewareHandler } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { atMostOnceIn } from './at-most-once.js'
import { addBadgeRoutes } from './badges.js'
import { cached } from './cached.js'
import { addCountsRoutes } from './counts.js'
import { addDashboard } from './dashboard.js'
import { addElementRoutes } from './element.js'
import { addHistory, addOperatorHistory } from './history.js'
import { keyCheck, operatorHeaders, requireKey, requireOwnHost } from './operator-access.js'
import { addOperatorRoutes } from './operator-routes.js'
import type { EffectiveSetting, OperatorSource } from './operator-source.js'
import { type AllowsOrigin, crossOriginReads } from './origins.js'
import { type HttpEnv, problem } from './problem.js'
import { operatorRoutes, routes } from './routes.js'
import type { CountsSource } from './source.js'

export interface HttpOptions {
  readonly source: CountsSource
  readonly operator: OperatorSource
  readonly groups: readonly Group[]
  readonly metrics: Metrics
  readonly operatorKey: string
  /** The settings that operators are shown; undefined if none were given. */
  settings?(): readonly EffectiveSetting[] | undefined
  readonly allowsOrigin: AllowsOrigin
  readonly clock: Clock
  /** Batches the writes of streams. */
  readonly turn: Turn
  /** Longest topic, in bytes of UTF-8. */
  readonly maxTopicBytes: number
  /** Maximum number of open streams. */
  readonly maxStreams: number
  /** The network address of a client, or null if that is not known. */
  addressOf(request: IncomingMessage): string | null
  /** Receives errors of the server itself. `route` is a method and a path without a topic. */
  report(error: unknown, route: string): void
}

export interface HttpApp {
  /** All routes. Those for operators require the key. */
  readonly main: Hono<HttpEnv>
  /** The routes for operators, without a key. */
  readonly operator: Hono<HttpEnv>
  /** How many streams are open. */
  readonly streams: number
  /** Ends every stream. */
  close(): void
}

/** How long, in ms, the text of `/metrics` is cached. */
const metricsAge = 1_000

/** The HTTP side of a server. */
export function httpApp(options: HttpOptions): HttpApp {
  const { metrics } = options
  const metricsText = atMostOnceIn(metricsAge, options.clock, () => metrics.text())
  const addForOperators = (app: Hono<HttpEnv>, guard: MiddlewareHandler<HttpEnv>): void => {
    for (const route of operatorRoutes) app.get(route, operatorHeaders, guard, requireWellFormed)
    addMetricsRoute(app, metrics.contentType, metricsText)
    addOperatorRoutes(app, options)
    addDashboard(app)
  }
  const main = baseApp(options)
  // Shared by both ports, so that wrong keys on either count.
  const check = keyCheck(options)
  const operatorsOnly = requireKey(check)
  addForOperators(main, operatorsOnly)
  const crossOrigin = crossOriginReads(options.allowsOrigin)
  for (const path of [`${routes.counts}/*`, '/badge/*']) {
    main.use(path, crossOrigin, requireWellFormed)
  }
  let description: Promise<string> | undefined
  const describe = async () => JSON.stringify((await import('./openapi.js')).openApi(options))
  main.get(routes.openApi, crossOrigin, async (c) => {
    description ??= describe()
    return cached(c, await description, { contentType: 'application/json', maxAge: 300 })
  })
  const streams = addCountsRoutes(main, { ...options, random: Math.random })
  addBadgeRoutes(main, options)
  addHistory(main, operatorsOnly, options)
  addElementRoutes(main)
  metrics.gauge('streams', () => streams.size)

  const operator = baseApp(options)
  const ownHost = requireOwnHost(check)
  addForOperators(operator, ownHost)
  operator.use(routes.history, operatorHeaders, ownHost, requireWellFormed)
  addOperatorHistory(operator, options)
  return {
    main,
    operator,
    get streams() {
      return streams.size
    },
    close: () => streams.close(),
  }
}

/** An app with the health routes and with JSON errors. */
function baseApp({ source, metrics, report }: HttpOptions): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  app.use(async (c, next) => {
    c.set('refused', (code) => metrics.count('http_refused', 1, code))
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        c.header('Allow', methods.join(', '))
        return problem(c, 'method_not_allowed', `this route allows ${methods.join(' and ')}`)
      },
    }),
  )
  app.get(routes.live, (c) => c.json({ status: 'ok' }, 200, { 'Cache-Control': 'no-store' }))
  app.get(routes.ready, (c) => {
    const reason = source.trouble()
    if (reason !== undefined) return problem(c, 'not_ready', reason)
    return c.json({ status: 'ready' }, 200, { 'Cache-Control': 'no-store' })
  })
  app.notFound((c) =>
    isSocketPath(c.req.path)
      ? problem(c, 'upgrade_required', 'this path is for WebSockets only')
      : problem(c, 'not_found', `no such route: see ${routes.openApi}`),
  )
  app.onError((error, c) => {
    report(error, `${c.req.method} ${c.req.path.split('/', 2).join('/')}`)
    return problem(c, 'internal', 'internal error')
  })
  return app
}

function addMetricsRoute(app: Hono<HttpEnv>, contentType: string, text: () => Promise<string>): void {
  app.get(routes.metrics, async (c) =>
    c.body(await text(), 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }),
  )
}

const requireWellFormed: MiddlewareHandler<HttpEnv> = async (c, next) =>
  isWellFormed(c.req.raw.url) ? next() : problem(c, 'malformed_url', 'the URL is not percent-encoded UTF-8')

/** Whether the percent-encoding of the URL is valid UTF-8. Otherwise a topic would be read as another one. */
function isWellFormed(url: string): boolean {
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}
