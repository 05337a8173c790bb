import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { TokenSocket } from './token-socket.js'

/** The URLs of the WebSockets that were constructed. */
const urls: string[] = []
class Transport {
  constructor(url: string) {
    urls.push(url)
  }
}

beforeEach(() => {
  urls.length = 0
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

function connect(fetchToken: () => Promise<string | null>, transport: new (url: string) => object = Transport): void {
  const socket = new TokenSocket('ws://127.0.0.1:1/socket', fetchToken, {
    ...{ transport, params: () => ({}), reconnectAfterMs: () => 500 },
  })
  socket.connect()
}

test.each<[string, () => Promise<string>, number]>([
  ['never comes', () => new Promise(() => {}), 10_500],
  ['cannot be fetched', () => Promise.reject(new Error('offline')), 500],
])('a token that %s is fetched again', async (_, first, after) => {
  const answers = [first, async () => 'a token']
  connect(() => answers.shift()!())
  await vi.advanceTimersByTimeAsync(after - 1)
  expect(urls).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(urls).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(answers).toEqual([])
})

test('a token that comes after it was fetched again is ignored', async () => {
  let late = (_token: string) => {}
  const answers = [new Promise<string>((resolve) => (late = resolve)), Promise.resolve('a token')]
  connect(() => answers.shift()!)
  await vi.advanceTimersByTimeAsync(10_500)
  late('another token')
  await vi.advanceTimersByTimeAsync(0)
  expect(urls).toHaveLength(1)
})

test('a WebSocket whose constructor throws is constructed again after a delay', async () => {
  let failures = 0
  class Forbidden {
    constructor() {
      failures += 1
      throw new Error('insecure')
    }
  }
  connect(async () => null, Forbidden)
  await vi.advanceTimersByTimeAsync(499)
  expect(failures).toBe(1)
  await vi.advanceTimersByTimeAsync(1_001)
  expect(failures).toBe(4)
})
