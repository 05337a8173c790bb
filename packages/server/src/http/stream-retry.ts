import type { MiddlewareHandler } from 'hono'
import type { HttpEnv } from './problem.js'

/** Mean delay, in ms, after which a browser that was sent away comes back. */
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
 * The line that tells a browser when to come back.
 * @param mean in ms: the delay is half of it to one and a half, so that those who were sent away together return apart.
 */
export function retryLine(mean: number, random: () => number): string {
  return `retry: ${Math.round(mean * (0.5 + random()))}\n\n`
}

/**
 * An `EventSource` gives up for good at any status but 200. Where coming back later helps, it is sent an empty stream
 * with the delay after which to do so. Other readers get the error.
 */
export function sendBrowsersAway(random: () => number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await next()
    if ((c.res.status < 500 && c.res.status !== 429) || !c.req.header('accept')?.includes('text/event-stream')) return
    c.res = c.body(retryLine(delay, random), 200, streamHeaders)
    c.res.headers.delete('Retry-After')
  }
}
