import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Metrics } from '@headcount/core'
import type { Openings } from '../opening/openings.js'
import { isForNow, type Refusal, refusal, retryAfter } from '../opening/refusal.js'
import { hostOf } from '../opening/request.js'
import { type AllowsOrigin, isCrossOrigin } from '../origins.js'
import type { AddressLimit } from '../sockets/address-limit.js'
import type { LongPolls } from './long-polls.js'
import { decodeToken, encodeToken, goneToken, type SessionToken } from './session-token.js'

/** Where the stock client of 1.9 sends the token of its session. Older ones send it as the last param `token`. */
const tokenHeader = 'x-phoenix-longpoll-token'

/** The status of an error after which the stock client opens a new session: it knows few others. */
const tryAgain = 500

export interface PollRequestsOptions {
  readonly polls: LongPolls
  readonly openings: Openings
  readonly addressLimit: AddressLimit
  readonly metrics: Metrics
  readonly allowsOrigin: AllowsOrigin
}

interface Body {
  readonly status: number
  readonly token?: string
  /** A JSON array. */
  readonly messages?: string
  readonly error?: Pick<Refusal, 'code' | 'message'>
}

/**
 * Serves the requests of Phoenix's long-poll transport: a GET opens a session, or polls that of its token; a POST sends
 * messages. The status that the client uses is in the body.
 */
export class PollRequests {
  constructor(private readonly options: PollRequestsOptions) {}

  /** Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers } = request
    const { origin } = headers
    if (isOver(response)) return
    response.setHeader('Vary', 'Origin')
    if (origin !== undefined && this.options.allowsOrigin(origin, hostOf(headers)))
      response.setHeader('Access-Control-Allow-Origin', origin)
    if (method === 'OPTIONS') this.#preflight(request, response)
    else if (method === 'GET') this.#poll(request, response)
    else if (method === 'POST') void this.#push(request, response)
    else {
      const error = { code: 'method_not_allowed', message: 'this path allows GET and POST' }
      response.setHeader('Allow', 'GET, POST, OPTIONS')
      send(response, 405, JSON.stringify({ status: 405, error }))
    }
  }

  #preflight({ headers }: IncomingMessage, response: ServerResponse): void {
    const asked = headers['access-control-request-headers']
    if (asked !== undefined) response.setHeader('Access-Control-Allow-Headers', asked)
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST')
    response.setHeader('Access-Control-Max-Age', '600')
    dropUnread(response)
    response.writeHead(204).end()
  }

  #poll(request: IncomingMessage, response: ServerResponse): void {
    const text = tokenOf(request)
    const token = decodeToken(text)
    if (text === goneToken) this.#answer(response, { status: tryAgain })
    else if (token === 'unknown') this.#answer(response, { status: 410, token: goneToken, messages: '[]' })
    else if (token === undefined) this.#open(request, response)
    else void this.#pollSession(token, request, response)
  }

  async #pollSession(token: SessionToken, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const controller = new AbortController()
    response.once('close', () => {
      // A response over HTTP/2 is finished even if its stream was reset.
      if (!response.writableFinished || !response.writableEnded) controller.abort()
    })
    const answer = await this.options.polls.poll(token, controller.signal)
    if (answer.status === 410) this.#answer(response, { status: 410, token: goneToken, messages: '[]' })
    else {
      const next = encodeToken({ ...token, sequence: answer.sequence })
      const texts = answer.status === 200 ? answer.messages : '[]'
      const messages = wantsObjects(request) ? `[${(JSON.parse(texts) as string[]).join()}]` : texts
      this.#answer(response, { status: answer.status, token: next, messages })
    }
  }

  #open(request: IncomingMessage, response: ServerResponse): void {
    const { polls, openings, addressLimit } = this.options
    const { origin, 'sec-fetch-site': site } = request.headers
    const isForeign = origin === undefined && isCrossOrigin(site)
    openings.decide(
      request,
      (opening) => {
        if (isOver(response)) return
        if ('status' in opening) this.#refuse(response, opening)
        else {
          const token = polls.open(opening, addressLimit.take(opening.address))
          this.#answer(response, { status: 410, token: encodeToken(token), messages: '[]' })
        }
      },
      isForeign ? refusal('origin') : undefined,
    )
  }

  async #push(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = decodeToken(tokenOf(request))
    if (token === undefined || token === 'unknown') return this.#answer(response, { status: 410 })
    const { maxPushBytes } = this.options.polls
    const bytes = request.readableEnded ? parsedBody(request) : await readBody(request, maxPushBytes)
    if (bytes === 'lost') return
    if (bytes === 'too_large' || bytes.length > maxPushBytes) return this.#answer(response, { status: 413 })
    if (!isUtf8(bytes)) return this.#answer(response, { status: 400 })
    const isBatch = /^application\/x-ndjson\b/i.test(request.headers['content-type'] ?? '')
    this.#answer(response, { status: await this.options.polls.push(token, { body: bytes.toString(), isBatch }) })
  }

  #refuse(response: ServerResponse, { status, code, message }: Refusal): void {
    const error = { code, message }
    if (!isForNow(status)) this.#answer(response, { status: 403, error })
    else {
      response.setHeader('Retry-After', retryAfter)
      this.#answer(response, { status: tryAgain, error }, status)
    }
  }

  #answer(response: ServerResponse, { status, token, messages, error }: Body, httpStatus = 200): void {
    this.options.metrics.count('long_polls', 1, String(status))
    const fields = [`"status":${status}`]
    if (token !== undefined) fields.push(`"token":"${token}"`)
    if (messages !== undefined) fields.push(`"messages":${messages}`)
    if (error !== undefined) fields.push(`"error":${JSON.stringify(error)}`)
    send(response, httpStatus, `{${fields.join(',')}}`)
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  if (isOver(response)) return
  dropUnread(response)
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(body)
}

/** Whether the client has left, or the application has answered, as after a time limit of its own. */
function isOver(response: ServerResponse): boolean {
  return response.destroyed || response.headersSent
}

/** Closes the connection after the response, if the body is unread: Node would read the rest, as fast as it is sent. */
function dropUnread(response: ServerResponse): void {
  if (!response.req.complete) response.shouldKeepAlive = false
}

/** The token of the request's session, or of its user; undefined for none. */
function tokenOf({ url = '', headers }: IncomingMessage): string | undefined {
  const header = headers[tokenHeader]
  if (header !== undefined) return [header].flat()[0]
  // A user's token may be an earlier param of the same name.
  return new URLSearchParams(url.slice(`${url}?`.indexOf('?'))).getAll('token').at(-1)
}

/**
 * Whether the client expects each message as an object, not as its text: the stock client of 1.2, the only one that
 * sends this header with a GET and, unless an application decodes its messages itself, uses version 1.
 */
function wantsObjects({ url = '', headers }: IncomingMessage): boolean {
  return headers['content-type'] !== undefined && /[?&]vsn=1\./.test(url)
}

/** A body that a parser of the application, such as `express.json`, has read; empty if it did not keep it there. */
function parsedBody({ body }: IncomingMessage & { readonly body?: unknown }): Buffer {
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''))
}

/** Reads a body of limited size. `lost`: the client left before its end. */
function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too_large' | 'lost'> {
  if (Number(request.headers['content-length']) > maxBytes) return Promise.resolve('too_large')
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxBytes) chunks.push(chunk)
      else {
        chunks.length = 0
        resolve('too_large')
      }
    })
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', () => resolve('lost'))
    request.once('close', () => resolve('lost'))
  })
}
