/**
 * @typedef {import('node:http').IncomingMessage} Message
 * @typedef {import('node:http').ServerResponse} Response
 */

/** Where the page finds the feed of replicas. A page that is served without this mark asks for none. */
export const feedPath = '/cluster'
const mark = `<meta name="headcount-cluster" content="${feedPath}" />`

/** Headers that speak of one connection, not of the answer. */
const hop = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/**
 * Passes a replica's answer on; a page with the mark in its head.
 *
 * @param {Message} request
 * @param {Message} answer
 * @param {Response} response
 */
export function markPage(request, answer, response) {
  const headers = Object.entries(answer.headers).filter(([name]) => !hop.has(name))
  const isPage = /^text\/html\b/.test(answer.headers['content-type'] ?? '') && request.method === 'GET'
  answer.once('error', () => response.destroy())
  if (!isPage) {
    response.writeHead(answer.statusCode ?? 502, /** @type {any} */ (Object.fromEntries(headers)))
    // What is streamed shows that it has begun.
    response.flushHeaders()
    answer.pipe(response)
    return
  }
  /** @type {Buffer[]} */
  const parts = []
  answer.on('data', (part) => parts.push(part))
  answer.once('end', () => {
    const page = Buffer.from(Buffer.concat(parts).toString().replace('<head>', `<head>${mark}`))
    const marked = { ...Object.fromEntries(headers), 'content-length': page.length }
    response.writeHead(answer.statusCode ?? 502, /** @type {any} */ (marked))
    response.end(page)
  })
}
