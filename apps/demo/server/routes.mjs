import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'
import { checkWrite, problem } from './access.mjs'

/** @import { Context } from 'hono' */

/** Longest name of a demo user, in characters. */
const maxName = 40
/** How often a reader of events gets the state if it has changed, and at the latest if it has not, in ms. */
const eventInterval = 250
const longestSilence = 15_000

/**
 * @typedef {object} DemoParts
 * @property {(name: string | undefined) => Promise<{ token: string, name: string }>} signIn A token for the demo user
 *   of this name, or of a new name.
 * @property {import('./crowd.mjs').DemoCrowd} crowd
 * @property {() => import('./replicas.mjs').ClusterView | undefined} cluster Undefined without Redis.
 * @property {AbortSignal} closing Ends the streams of events.
 */

/**
 * The routes of the demo page: `POST /sign-in`, `POST /crowd`, and `GET /events`, which streams the crowd's state and
 * the cluster's as they change.
 *
 * @param {DemoParts} parts
 */
export function demoRoutes({ signIn, crowd, cluster, closing }) {
  const routes = new Hono()
  routes.use(checkWrite)
  routes.use(
    bodyLimit({
      maxSize: 1024,
      onError: (c) => problem(c, 413, 'body_too_large', 'expected a body of at most 1024 bytes'),
    }),
  )

  routes.post('/sign-in', async (c) => {
    const { name } = (await bodyOf(c)) ?? { name: '' }
    if (name !== undefined && (typeof name !== 'string' || name.trim() === '' || name.length > maxName)) {
      return problem(c, 400, 'invalid_body', `expected {"name"?: text of 1 to ${maxName} characters}`)
    }
    return c.json(await signIn(name?.trim()), 200, { 'Cache-Control': 'no-store' })
  })

  routes.post('/crowd', async (c) => {
    const { people, signedIn } = (await bodyOf(c)) ?? {}
    const { max } = crowd.state()
    if (!isWholeNumber(people, max) || !isWholeNumber(signedIn, 100)) {
      return problem(c, 400, 'invalid_body', `expected {"people": 0 to ${max}, "signedIn": 0 to 100, in percent}`)
    }
    crowd.resize({ people, signedIn })
    return c.json(crowd.state())
  })

  routes.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      let sent = ''
      let silence = 0
      while (!stream.aborted && !closing.aborted) {
        const data = JSON.stringify({ crowd: crowd.state(), cluster: cluster() })
        silence += eventInterval
        if (data !== sent || silence >= longestSilence) {
          await stream.writeSSE({ data })
          sent = data
          silence = 0
        }
        await stream.sleep(eventInterval)
      }
    }),
  )
  return routes
}

/**
 * The JSON object of the body; an empty object for an empty body; undefined if the body is neither.
 *
 * @param {Context} c
 * @returns {Promise<Record<string, unknown> | undefined>}
 */
async function bodyOf(c) {
  try {
    const body = JSON.parse((await c.req.text()) || '{}')
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined
  } catch {
    return undefined
  }
}

/** @param {unknown} value @param {number} max @returns {value is number} */
function isWholeNumber(value, max) {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max
}
