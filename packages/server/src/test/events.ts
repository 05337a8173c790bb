import { expect, onTestFinished } from 'vitest'
import type { Served } from './serve.js'

/** Reads `/api/counts/stream`: the data of its events, as they arrive, and a function that closes it. */
export async function events({ get }: Served, query: string, headers: Record<string, string> = {}) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const response = await get(`/api/counts/stream?${query}`, { signal: stop.signal, headers })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
  const received: unknown[] = []
  const read = async () => {
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const whole = text.split('\n\n')
      text = whole.pop()!
      for (const event of whole) if (event.startsWith('data: ')) received.push(JSON.parse(event.slice(6)))
    }
  }
  void read().catch(() => {})
  return { received: received as unknown[], close: () => stop.abort() }
}
