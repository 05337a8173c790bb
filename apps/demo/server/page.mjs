import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { problem } from './access.mjs'

/** File names that Vite derives from the content: `/assets/index-B5x2Kq9d.js`. */
const hashed = /^\/assets\/[^/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+$/

/** Serves the built page in a directory. @param {string} directory */
export function pageRoutes(directory) {
  const routes = new Hono()
  routes.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'self'"],
      },
      // A page on http://localhost must not pin the host to https.
      strictTransportSecurity: false,
    }),
  )
  routes.use(async (c, next) => {
    await next()
    c.header('Cache-Control', c.res.ok && hashed.test(c.req.path) ? 'public, max-age=31536000, immutable' : 'no-cache')
  })
  routes.use(serveStatic({ root: directory }))
  routes.all('*', (c) => problem(c, 404, 'not_found', 'no such route'))
  return routes
}
