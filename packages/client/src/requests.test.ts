import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createRequests, type Done } from './requests.js'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

/** Requests with a time-out of 10 s, and how each has ended. */
function start() {
  const requests = createRequests(10_000)
  const ended: Parameters<Done>[] = []
  return { requests, ended, add: () => requests.add((...how) => ended.push(how)) }
}

test('a request ends with its reply, and only once', () => {
  const { requests, ended, add } = start()
  const [first, second] = [add(), add()]
  requests.end(second, 'error', 'unauthorized')
  requests.end(second, 'ok')
  requests.end(first, 'ok')
  requests.end('another', 'ok')
  expect(ended).toEqual([['error', 'unauthorized'], ['ok']])
})

test('a request without a reply ends after the time-out', () => {
  const { ended, add } = start()
  add()
  vi.advanceTimersByTime(9_999)
  expect(ended).toEqual([])
  vi.advanceTimersByTime(1)
  expect(ended).toEqual([['timeout']])
})

test('in a page that was frozen the reply may come a moment after the time-out', () => {
  const { requests, ended, add } = start()
  const ref = add()
  vi.setSystemTime(Date.now() + 60_000) // timers stand still in a frozen page
  vi.advanceTimersByTime(10_000)
  expect(ended).toEqual([])
  requests.end(ref, 'ok')
  expect(ended).toEqual([['ok']])
  add()
  vi.setSystemTime(Date.now() + 60_000)
  vi.advanceTimersByTime(12_000)
  expect(ended.at(-1)).toEqual(['timeout'])
})

test('forgotten requests never end', () => {
  const { requests, ended, add } = start()
  const ref = add()
  requests.forget(ref)
  add()
  requests.clear()
  requests.end(ref, 'ok')
  vi.advanceTimersByTime(60_000)
  expect([ended, vi.getTimerCount()]).toEqual([[], 0])
})
