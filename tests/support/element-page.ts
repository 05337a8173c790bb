import type { DefaultGroup } from '@headcount/protocol'
import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { serveEmbedded } from '@headcount/tools/processes/embedded.mjs'
import { webSocketBlocker } from './block-web-sockets.js'

/** Allows the server's own code and connections, and neither styles nor scripts in the page. */
const strictPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'"

/** Serves a Headcount, and pages whose body is in their address. */
export async function serveElementPages(options: HeadcountOptions<DefaultGroup> = {}) {
  const requested: string[] = []
  const { headcount, url, server, stop } = await serveEmbedded(
    () => createHeadcount(options),
    undefined,
    (request, response) => {
      const query = new URL(request.url ?? '', 'http://host').searchParams
      response.setHeader('content-type', 'text/html; charset=utf-8')
      if (query.has('strict')) response.setHeader('content-security-policy', strictPolicy)
      response.end(
        `<!doctype html><html lang="en"><title>A page with a count</title><link rel="icon" href="data:,">` +
          `<meta name="viewport" content="width=device-width, initial-scale=1">${query.get('body')}`,
      )
    },
  )
  server.prependListener('request', ({ url: path = '' }) => requested.push(path))
  return {
    headcount,
    url,
    /** The path and query of every request. */
    requested,
    blockWebSockets: webSocketBlocker(server),
    /** The address of a page. @param policy `strict` is a strict Content Security Policy. */
    pageOf: (body: string, policy: 'strict' | 'none' = 'none') =>
      `${url}/?${new URLSearchParams({ body, ...(policy === 'strict' && { strict: '' }) })}`,
    stop,
  }
}
