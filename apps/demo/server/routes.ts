import { ownHost, problem } from '@headcount/server'
import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { CrowdSize } from './crowd/size.js'

/** Most simulated people of a demo, viewers and users together. */
export const maxDemoCrowd = 500

/** Longest name of a demo person, in characters. */
export const maxName = 40

export interface DemoOptions {
  /** The directory of the built page; without it only the demo's routes are served. */
  readonly files?: string | undefined
  /**
   * A short-lived token for the demo person of this name, or of a name made up. The name is for the page to show; no
   * count holds it.
   */
  signIn(name?: string): Promise<{ readonly token: string; readonly name: string }>
  /** A crowd of real sockets on this server. */
  readonly crowd: {
    /** What it was last resized to. */
    readonly wanted: CrowdSize
    /** Those who have joined. */
    readonly here: CrowdSize
    resize(size: CrowdSize): void
  }
}

/** The demo's own routes, under `/demo`: for the page of this server alone, and only in JSON. */
export function demoRoutes({ signIn, crowd }: DemoOptions): Hono {
  const routes = new Hono()

  routes.use(async (c, next) => {
    if (!isSameOrigin(c)) return problem(c, 403, 'cross_origin', "expected a call from this server's own page")
    if (c.req.method === 'POST' && !isJson(c.req.header('content-type'))) {
      return problem(c, 415, 'unsupported_media_type', 'expected Content-Type: application/json')
    }
    return next()
  })
  routes.use(
    bodyLimit({
      maxSize: 1024,
      onError: (c) => problem(c, 413, 'body_too_large', 'expected a body of at most 1024 bytes'),
    }),
  )

  routes.post('/sign-in', async (c) => {
    const { name } = (await bodyOf(c)) ?? { name: 0 }
    if (name !== undefined && (typeof name !== 'string' || name.trim() === '' || name.length > maxName)) {
      const message = `expected {"name"?: a text of 1 to ${maxName} characters}, got something else`
      return problem(c, 400, 'invalid_body', message)
    }
    return answer(c, name === undefined ? await signIn() : await signIn(name.trim()))
  })

  const crowdAnswer = (c: Context) => answer(c, { ...crowd.wanted, here: crowd.here, max: maxDemoCrowd })

  routes.get('/crowd', crowdAnswer)
  routes.post('/crowd', async (c) => {
    const { viewers, users } = (await bodyOf(c)) ?? {}
    if (!isCount(viewers) || !isCount(users) || viewers + users > maxDemoCrowd) {
      const message = `expected {"viewers","users"} as whole numbers of at most ${maxDemoCrowd} in all`
      return problem(c, 400, 'invalid_body', `${message}, got something else`)
    }
    crowd.resize({ viewers, users })
    return crowdAnswer(c)
  })
  routes.delete('/crowd', (c) => {
    crowd.resize({ viewers: 0, users: 0 })
    return crowdAnswer(c)
  })

  return routes
}

/** A token must not stay in a cache. */
function answer(c: Context, body: object): Response {
  return c.json(body, 200, { 'Cache-Control': 'no-store' })
}

/** The JSON object of the body, or undefined where it is none. An empty body is an empty object. */
async function bodyOf(c: Context): Promise<Record<string, unknown> | undefined> {
  try {
    const text = await c.req.text()
    const body: unknown = text === '' ? {} : JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** No page of another origin: browsers say whose page calls; a terminal says nothing and may. */
function isSameOrigin(c: Context): boolean {
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  return (
    (site === undefined || site === 'same-origin' || (site === 'none' && c.req.method === 'GET')) &&
    (origin === undefined || ownHost(origin, c.req.header('host') ?? ''))
  )
}

function isJson(contentType = ''): boolean {
  return contentType.split(';')[0]?.trim().toLowerCase() === 'application/json'
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0
}
