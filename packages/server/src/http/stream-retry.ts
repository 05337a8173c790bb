import type { MiddlewareHandler } from 'hono'
import type { HttpEnv } from './problem.js'

/** Mean delay, in ms, before a browser requests a refused stream again. */
const delay = 5_000

/** The headers of a stream of Server-Sent Events. */
export const streamHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
  // A connection that stayed open after its stream would delay the end of a stopping server.
  Connection: 'close',
}

/**
 * The line that sets the reconnect delay of a browser.
 * @param mean in ms. The delay is 0.5 to 1.5 times this, so that browsers that lost their streams together spread out.
 */
export function retryLine(mean: number, random: () => number): string {
  return `retry: ${Math.round(mean * (0.5 + random()))}\n\n`
}

/** The body of a stream that is refused temporarily. */
export const refusedBody = (random: () => number): string => retryLine(delay, random)

/**
 * Sends browsers an empty stream with a reconnect delay instead of a temporary error, because an `EventSource` never
 * reconnects after a status other than 200. Other readers get the error.
 */
export function retryForBrowsers(random: () => number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await next()
    if ((c.res.status < 500 && c.res.status !== 429) || !c.req.header('accept')?.includes('text/event-stream')) return
    c.res = c.body(refusedBody(random), 200, streamHeaders)
    c.res.headers.delete('Retry-After')
  }
}
