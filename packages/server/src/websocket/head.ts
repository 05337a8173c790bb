import { socketPath } from './path.js'

/** What is asked of a request for a socket: Node's own requests are such, too. */
export interface SocketRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: SocketHeaders
}

export type SocketHeaders = { readonly [name in HeaderName]?: string | undefined }

const used = [
  'host',
  'origin',
  'connection',
  'upgrade',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
] as const

type HeaderName = (typeof used)[number]

const isUsed: ReadonlySet<string> = new Set(used)

/** Those that a request for a socket has not, and that change where it ends. */
const unfit: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'expect'])

const begin = Buffer.from(`GET ${socketPath}`)

const asksUpgrade = /(?:^|,)\s*upgrade\s*(?:,|$)/i

/** Longest head, in bytes, that is read here; Node's own limit is four times that. */
const maxHead = 4096

/** A head in plain ASCII without oddities (RFC 9112, 3 and 5): its target and its fields. */
const plain = /^GET ([!-~]+) HTTP\/1\.1\r\n((?:[\w!#$%&'*+.^`|~-]+:[\t -~]*\r\n)+)\r\n/

/**
 * The request for a socket that these first bytes of a connection are, and where it ends. Undefined where they are another request,
 * are not all of it, or are anything but plain: those are for a parser that knows everything.
 */
export function socketRequestIn(bytes: Buffer): { request: SocketRequest; end: number } | undefined {
  if (bytes.compare(begin, 0, begin.length, 0, Math.min(begin.length, bytes.length)) !== 0) return
  const [head, url = '', fields = ''] = plain.exec(bytes.toString('latin1', 0, maxHead)) ?? []
  if (head === undefined) return
  const after = url[socketPath.length]
  if (after !== undefined && after !== '?') return
  const headers = headersIn(fields)
  if (
    headers?.host === undefined ||
    headers.upgrade === undefined ||
    !asksUpgrade.test(headers.connection ?? '')
  )
    return
  return { request: { method: 'GET', url, headers }, end: head.length }
}

function headersIn(fields: string): SocketHeaders | undefined {
  const headers: { [name in HeaderName]?: string } = {}
  for (let at = 0; at < fields.length; ) {
    const colon = fields.indexOf(':', at)
    const end = fields.indexOf('\r\n', colon)
    const name = fields.slice(at, colon).toLowerCase()
    if (unfit.has(name)) return
    if (isUsed.has(name)) {
      if (headers[name as HeaderName] !== undefined) return
      headers[name as HeaderName] = fields.slice(colon + 1, end).trim()
    }
    at = end + 2
  }
  return headers
}
