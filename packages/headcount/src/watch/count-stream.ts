import type { Counts, Group } from '@headcount/protocol'
import { badSetting } from '../settings/settings-errors.js'

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
  /** Called when the server has answered. */
  opened(): void
}

/** Longest silence, in ms. The server sends a comment every 15 s. */
const silence = 40_000

/**
 * The counts of topics, as `GET /api/counts/stream` sends them: of each topic at first, and then at every change. Ends
 * with the connection, and counts nobody.
 * @throws {HeadcountError} `bad_setting` where the server refuses the request for good, and what `fetch` throws where
 * the connection fails.
 */
export async function* readCounts({
  url,
  topics,
  token,
  signal,
  opened,
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
    opened()
    let text = ''
    const decoder = new TextDecoder()
    for await (const bytes of response.body ?? []) {
      timer.refresh()
      const events = (text + decoder.decode(bytes as Uint8Array, { stream: true })).split('\n\n')
      text = events.pop() ?? ''
      for (const event of events)
        if (event.startsWith('data: ')) yield JSON.parse(event.slice(6)) as TopicCounts | TopicProblem
    }
  } finally {
    clearTimeout(timer)
  }
}

/** Another request would be refused as well, but for those that the server sends away for a while. */
async function refusalOf(url: string, response: Response): Promise<Error> {
  const { status } = response
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined
  const message = `${url} answered ${status}${body?.error?.message ? `: ${body.error.message}` : ''}`
  return status >= 500 || status === 429 ? new Error(message) : badSetting(message)
}
