import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DefaultGroup } from '@headcount/protocol'
import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { webSocketBlocker } from './block-web-sockets.js'

/** Allows the server's own code and connections, and neither styles nor scripts in the page. */
const strictPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'"

/** Serves a Headcount, and pages whose body is in their address. */
export async function serveElementPages(options: HeadcountOptions<DefaultGroup> = {}) {
  const headcount = createHeadcount(options)
  const requested: string[] = []
  const server = createServer((request, response) => {
    requested.push(request.url ?? '')
    headcount.handle(request, response, () => {
      const query = new URL(request.url ?? '', 'http://host').searchParams
      response.setHeader('content-type', 'text/html; charset=utf-8')
      if (query.has('strict')) response.setHeader('content-security-policy', strictPolicy)
      response.end(
        `<!doctype html><html lang="en"><title>A page with a count</title><link rel="icon" href="data:,">` +
          `<meta name="viewport" content="width=device-width, initial-scale=1">${query.get('body')}`,
      )
    })
  })
  headcount.attach(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    headcount,
    url,
    /** The path and query of every request. */
    requested,
    blockWebSockets: webSocketBlocker(server),
    /** The address of a page. @param policy `strict` is a strict Content Security Policy. */
    pageOf: (body: string, policy: 'strict' | 'none' = 'none') =>
      `${url}/?${new URLSearchParams({ body, ...(policy === 'strict' && { strict: '' }) })}`,
    async stop() {
      await headcount.close()
      server.close()
      server.closeAllConnections()
    },
  }
}
