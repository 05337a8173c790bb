import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createPage } from './page.js'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })
})

/** A page that the test hides and unloads. */
function browse(document: { visibilityState: string; prerendering?: boolean }) {
  const window = new EventTarget()
  vi.stubGlobal('document', document)
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window))
  const changed = vi.fn()
  const page = createPage({ hiddenAfter: 10_000 }, changed)
  page.start()
  return {
    ...{ page, changed },
    counts: () => [page.counts('open'), page.counts('visible')],
    turn(visibilityState: string, event = 'visibilitychange') {
      document.visibilityState = visibilityState
      window.dispatchEvent(new Event(event))
    },
  }
}

test('a hidden page counts as visible for a while', () => {
  const { counts, turn, changed } = browse({ visibilityState: 'visible' })
  turn('hidden')
  vi.advanceTimersByTime(9_999)
  expect(counts()).toEqual([true, true])
  changed.mockClear()
  vi.advanceTimersByTime(1)
  expect(counts()).toEqual([true, false])
  expect(changed).toHaveBeenCalledOnce()
  turn('visible')
  expect(counts()).toEqual([true, true])
})

test('a page that is hidden for a moment still counts', () => {
  const { counts, turn } = browse({ visibilityState: 'visible' })
  turn('hidden')
  turn('visible')
  vi.advanceTimersByTime(60_000)
  expect(counts()).toEqual([true, true])
})

test('a page that is opened in the background counts as visible when it is first seen', () => {
  const { counts, turn } = browse({ visibilityState: 'hidden' })
  expect(counts()).toEqual([true, false])
  turn('visible')
  expect(counts()).toEqual([true, true])
})

test('a page that is prerendered does not count, until it is opened', () => {
  const document = { visibilityState: 'hidden', prerendering: true }
  const { counts, turn } = browse(document)
  expect(counts()).toEqual([false, false])
  turn('hidden', 'pageshow')
  expect(counts()).toEqual([false, false])
  document.prerendering = false
  turn('visible', 'prerenderingchange')
  expect(counts()).toEqual([true, true])
})

test('a page that is prerendered does not count, whatever its own visibility is', () => {
  vi.stubGlobal('document', { prerendering: true })
  const page = createPage({ visibility: { isVisible: () => true, subscribe: () => () => {} } }, () => {})
  page.start()
  expect([page.counts('open'), page.counts('visible')]).toEqual([false, false])
  vi.stubGlobal('document', { prerendering: false })
  expect([page.counts('open'), page.counts('visible')]).toEqual([true, true])
})

test('a page that is unloaded does not count, until it is back', () => {
  const { changed, counts, turn } = browse({ visibilityState: 'visible' })
  turn('visible', 'pagehide')
  turn('hidden')
  expect(counts()).toEqual([false, false])
  changed.mockClear()
  turn('visible', 'pageshow')
  expect([changed.mock.calls.length, counts()]).toEqual([1, [true, true]])
})

test('a page that has stopped has no timer and no listener', () => {
  const { page, turn, changed } = browse({ visibilityState: 'visible' })
  turn('hidden')
  changed.mockClear()
  page.stop()
  turn('visible')
  expect([vi.getTimerCount(), changed.mock.calls.length]).toEqual([0, 0])
})

test('outside of a page everything is open and visible', () => {
  const page = createPage({}, () => {})
  page.start()
  expect([page.counts('open'), page.counts('visible')]).toEqual([true, true])
  page.stop()
})
