import { gzipSync } from 'node:zlib'
import type { Hono } from 'hono'
import { builtFile, notBuilt } from './built-file.js'
import { cached } from './cached.js'
import { type HttpEnv, problem } from './problem.js'
import { routes } from './routes.js'

/** How long, in seconds, a browser uses the code before it revalidates it. */
const maxAge = 3_600

const caching = { contentType: 'text/javascript; charset=utf-8', maxAge, vary: 'Accept-Encoding' }

/** Adds the code of `<head-count>`, which pages of every site may load. It is read once, when the server is created. */
export function addElementRoutes(app: Hono<HttpEnv>): void {
  for (const route of [routes.element, routes.elementStreams]) {
    const code = builtFile(`element${route}`)
    const compressed = code && new Uint8Array(gzipSync(code, { level: 9 }))
    app.get(route, (c) => {
      if (!code || !compressed) return problem(c, 'not_found', `the element ${notBuilt}`)
      c.header('Access-Control-Allow-Origin', '*')
      c.header('Cross-Origin-Resource-Policy', 'cross-origin')
      if (!/\bgzip\b(?!\s*;\s*q=0(?!\.\d*[1-9]))/i.test(c.req.header('accept-encoding') ?? ''))
        return cached(c, code, caching)
      c.header('Content-Encoding', 'gzip')
      return cached(c, compressed, caching)
    })
  }
}
