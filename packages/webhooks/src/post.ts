import { type ClientRequest, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { isPublic, lookupPublic, PrivateAddress } from './addresses.js'

export interface Post {
  readonly url: URL
  readonly allowPrivate: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
  /** How long the attempt may take, in ms. Default: 15,000. */
  readonly timeout?: number
}

/** How a receiver answered. */
export interface Answer {
  readonly status: number
  /** The wait before the next attempt that it requests, in ms. */
  readonly retryAfter: number | undefined
}

/** Maximum informational answers (1xx): each one costs time, and their number could be endless. */
const maxInformational = 10

/**
 * POSTs a body. Redirects, which could lead into a private network, are not followed. Reads only the response head.
 * @throws if there is no answer in time, or the address is private.
 */
export function post({ url, allowPrivate, headers, body, signal, timeout = 15_000 }: Post): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // If the URL has an address, there is no lookup.
    if (!allowPrivate && isIP(host) !== 0 && !isPublic(host)) return reject(new PrivateAddress())
    const request: ClientRequest = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
      ...(!allowPrivate && { lookup: lookupPublic }),
      signal,
    })
    // Not AbortSignal.any with AbortSignal.timeout: Node 20 may collect the latter as garbage before it has fired.
    const late = () => request.destroy(new Error(`no answer within ${timeout / 1000} s`))
    const timer = setTimeout(late, timeout)
    request.on('error', reject)
    let informational = 0
    request.on('information', () => {
      informational += 1
      if (informational <= maxInformational) return
      reject(new Error(`more than ${maxInformational} informational answers`))
      request.destroy()
    })
    request.on('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response
      // The body may be long, or never end.
      response.destroy()
      resolve({ status, retryAfter: secondsOf(answered['retry-after']) })
    })
    // Node reports no error of an answer that changes the protocol (101): it only closes the connection.
    request.on('close', () => {
      clearTimeout(timer)
      reject(new Error('the connection closed without an answer'))
    })
    request.end(body)
  })
}

function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) * 1_000 : undefined
}
