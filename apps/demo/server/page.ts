import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/** Vite's names of what never changes: `/assets/index-B5x2Kq9d.js`. */
const hashed = /^\/assets\/[^/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+$/
/** First segments of paths that are no page, so that a wrong one is told and not shown the page. */
const noPage = new Set(['api', 'demo', 'socket', 'assets', 'metrics', 'healthz', 'readyz'])

/**
 * Serves the built page in the directory `files`: its own files, and `index.html` for any other path that a browser
 * opens as a page. What it does not have is left to the next route.
 */
export function pageRoutes(files: string): Hono {
  const routes = new Hono()
  const headers = secureHeaders({
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
  })
  const found = serveStatic({
    root: files,
    onFound: (_, c) =>
      c.header('Cache-Control', hashed.test(c.req.path) ? 'public, max-age=31536000, immutable' : 'no-cache'),
  })
  const index = serveStatic({
    root: files,
    path: 'index.html',
    onFound: (_, c) => c.header('Cache-Control', 'no-cache'),
  })
  routes.use(headers)
  routes.get('/', found)
  routes.use(found)
  routes.use((c, next) => (isPage(c.req.path, c.req.header('accept')) ? index(c, next) : next()))
  return routes
}

function isPage(path: string, accept = ''): boolean {
  const segments = path.split('/')
  const isFile = segments.at(-1)?.includes('.') ?? false
  return accept.includes('text/html') && !isFile && !noPage.has(segments[1] ?? '')
}
