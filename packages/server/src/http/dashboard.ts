import { createHash } from 'node:crypto'
import type { Hono } from 'hono'
import { builtFile, notBuilt } from './built-file.js'
import { cached } from './cached.js'
import { type HttpEnv, problem } from './problem.js'
import { routes } from './routes.js'

/**
 * Adds the operator's page. It contains no data and needs no key: it requests the routes for operators with the key in
 * the fragment of its link, or one that is typed in. So no server or proxy sees the key in a URL.
 */
export function addDashboard(app: Hono<HttpEnv>): void {
  const page = builtFile('dashboard/page.html')
  const policy = page && policyOf(page)
  app.get(routes.dashboard, (c) => {
    if (page === undefined || policy === undefined) return problem(c, 'not_found', `the dashboard ${notBuilt}`)
    c.header('Content-Security-Policy', policy)
    c.header('X-Frame-Options', 'DENY')
    c.header('Referrer-Policy', 'no-referrer')
    c.header('Cross-Origin-Opener-Policy', 'same-origin')
    return cached(c, page, { contentType: 'text/html; charset=utf-8', maxAge: 0 })
  })
}

/** Allows the script and the style of the page, requests to this server, and nothing else. Exported for tests. */
export function policyOf(page: string): string {
  const hashesOf = (name: string): string =>
    [...page.matchAll(new RegExp(`<${name}[^>]*>(.*?)</${name}>`, 'gs'))]
      .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join(' ')
  return [
    "default-src 'none'",
    `script-src ${hashesOf('script')}`,
    `style-src ${hashesOf('style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
