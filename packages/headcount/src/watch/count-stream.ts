import type { Counts, Group } from '@headcount/protocol'
import { badSetting } from '../settings/settings-errors.js'
import { boundedJson, textOf } from './bounded-json.js'
import { printable } from './printable.js'

/** Why a topic may not be read. */
export interface TopicProblem {
  readonly topic: string
  readonly error: { readonly message: string }
}

export interface TopicCounts {
  readonly topic: string
  readonly counts: Counts<Group>
}

export interface StreamOptions {
  /** Of the server: `http://localhost:4000`. */
  readonly url: string
  readonly topics: readonly string[]
  /** For topics that need one. */
  readonly token: string | undefined
  /** Ends the stream. */
  readonly signal: AbortSignal
}

/** Longest silence, in ms. The server sends a comment every 15 s. */
const silence = 40_000

/** Longest event, and longest body of an error, in characters. */
const maxLength = 65_536

/**
 * The counts of topics from `GET /api/counts/stream`: of each topic first, and then at every change. Ends with the
 * connection, and is not counted.
 * @throws {HeadcountError} `bad_setting` if the refusal is permanent, and the errors of `fetch` if the connection fails
 * or sends anything else.
 */
export async function* readCounts({
  url,
  topics,
  token,
  signal,
}: StreamOptions): AsyncGenerator<TopicCounts | TopicProblem> {
  const silent = new AbortController()
  const timer = setTimeout(() => silent.abort(new Error(`nothing for ${silence / 1000} s`)), silence)
  try {
    const query = topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join('&')
    const response = await fetch(`${url}/api/counts/stream?${query}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, silent.signal]),
    })
    if (!response.ok) throw await refusalOf(url, response)
    const type = response.headers.get('content-type')
    if (!type?.startsWith('text/event-stream')) {
      await response.body?.cancel()
      throw new Error(printable(`${url} answered ${type ?? 'nothing'} instead of counts${hint}`))
    }
    let text = ''
    for await (const chunk of textOf(response)) {
      timer.refresh()
      const events = (text + chunk).split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) if (event.startsWith('data: ')) yield readEvent(event.slice(6))
      if (text.length > maxLength) throw new Error(`${url} sent an event of more than ${maxLength} characters`)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** If a topic requires a token, the error names its variable. */
const tokenHint = (code: unknown): string => (code === 'unauthorized' ? ' (HEADCOUNT_TOKEN)' : '')

const hint = '; is --url the address of a Headcount server, such as http://localhost:4000?'

/** One of Headcount's errors. */
interface ServerError {
  readonly code: unknown
  readonly message: string
}

/** @throws if it has no counts. */
function readEvent(text: string): TopicCounts | TopicProblem {
  try {
    const { topic, counts, error } = JSON.parse(text) as Partial<TopicCounts> & { error?: Partial<ServerError> }
    const isProblem = typeof error?.message === 'string'
    const isCounts = Object.values(counts ?? {}).every(({ count, below = 0 }) => [count, below].every(Number.isInteger))
    if (typeof topic === 'string' && isProblem) {
      return { topic, error: { message: `${error.message}${tokenHint(error.code)}` } }
    }
    if (typeof topic === 'string' && counts && isCounts) return { topic, counts }
  } catch {}
  throw new Error('the server sent an event without counts')
}

/** Other refusals are permanent. */
async function refusalOf(url: string, response: Response): Promise<Error> {
  const { status } = response
  const { code, message: reason } = (await readError(response).catch(() => undefined)) ?? {}
  const isUnknown = reason === undefined || code === 'not_found'
  const given = reason === undefined ? '' : `: ${reason}${tokenHint(code)}`
  const message = `${url} answered ${status}${given}${isUnknown ? hint : ''}`
  return status >= 500 || status === 429 ? new Error(printable(message)) : badSetting(printable(message))
}

/** One of Headcount's errors; undefined for any other answer. Reads a limited length. */
async function readError(response: Response): Promise<ServerError | undefined> {
  const { error } = (await boundedJson(response, maxLength)) as { readonly error?: ServerError }
  return typeof error?.message === 'string' ? error : undefined
}
