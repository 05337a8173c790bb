import { isSocketPath } from '@headcount/protocol'
import { Hono, type MiddlewareHandler } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { atMostOnceIn } from './at-most-once.js'
import { addBadgeRoutes } from './badges.js'
import { cached } from './cached.js'
import { addCountsRoutes, type CountsOptions } from './counts.js'
import { crossOriginReads } from './cross-origin.js'
import { addDashboard } from './dashboard.js'
import { addElementRoutes } from './element.js'
import { addHistory, addOperatorHistory } from './history.js'
import { keyCheck, type OperatorAccessOptions, operatorHeaders, requireKey, requireOwnHost } from './operator-access.js'
import { addOperatorRoutes, type OperatorRoutesOptions } from './operator-routes.js'
import { type HttpEnv, problem } from './problem.js'
import { operatorRoutes, routes } from './routes.js'

export interface HttpOptions extends Omit<CountsOptions, 'random'>, OperatorAccessOptions, OperatorRoutesOptions {
  /** Why the server should get no new sockets; undefined if it may. */
  trouble(): string | undefined
  /** A request for a WebSocket has come here: nothing listens to the upgrades of the HTTP server. */
  notAttached(): void
}

/** How long, in ms, the text of `/metrics` is cached. */
const metricsAge = 1_000

/** The HTTP side of a server: `main` has all routes, and `operator` those for operators, without a key. */
export function httpApp(options: HttpOptions) {
  const { metrics } = options
  const metricsText = atMostOnceIn(metricsAge, options.clock, () => metrics.text())
  const addForOperators = (app: Hono<HttpEnv>, guard: MiddlewareHandler<HttpEnv>): void => {
    for (const route of operatorRoutes) app.get(route, operatorHeaders, guard, requireWellFormed)
    const headers = { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' }
    app.get(routes.metrics, async (c) => c.body(await metricsText(), 200, headers))
    addOperatorRoutes(app, options)
    addDashboard(app)
  }
  const main = baseApp(options)
  // Shared by both ports, so that wrong keys on either count.
  const check = keyCheck(options)
  const operatorsOnly = requireKey(check)
  addForOperators(main, operatorsOnly)
  main.use('/socket/*', async (c, next) => {
    // Node gives a request to upgrade to the listeners of `upgrade`, and here only if there are none.
    const isUpgrade = /\bupgrade\b/i.test(c.req.header('connection') ?? '') && c.req.header('upgrade') !== undefined
    if (isUpgrade && isSocketPath(c.req.path)) options.notAttached()
    await next()
  })
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
  return { main, operator, streams }
}

/** An app with the health routes and with JSON errors. */
function baseApp({ trouble, metrics, report }: HttpOptions): Hono<HttpEnv> {
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
    const reason = trouble()
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
