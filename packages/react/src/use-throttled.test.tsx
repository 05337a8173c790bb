// @vitest-environment happy-dom
import { act, cleanup, render } from '@testing-library/react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useThrottled } from './use-throttled.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

function Throttled({ text }: { readonly text: string }): ReactElement {
  return <p>{useThrottled(text, 10_000)}</p>
}

const after = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))

test('the first change shows at once, later ones at most once per interval, always including the last', async () => {
  const { container, rerender } = render(<Throttled text="" />)
  expect(container.textContent).toBe('')
  rerender(<Throttled text="1 viewer" />)
  await after(0)
  expect(container.textContent).toBe('1 viewer')
  for (const n of [2, 3, 4]) {
    rerender(<Throttled text={`${n} viewers`} />)
    await after(3_000)
    expect(container.textContent).toBe('1 viewer')
  }
  await after(1_000)
  expect(container.textContent).toBe('4 viewers')
})

test('a change that is reverted within the interval does not show', async () => {
  const { container, rerender } = render(<Throttled text="" />)
  rerender(<Throttled text="1 viewer" />)
  await after(0)
  rerender(<Throttled text="2 viewers" />)
  await after(5_000)
  rerender(<Throttled text="1 viewer" />)
  await after(20_000)
  expect(container.textContent).toBe('1 viewer')
})

test('unmounting clears the timer', async () => {
  const { rerender, unmount } = render(<Throttled text="" />)
  rerender(<Throttled text="1 viewer" />)
  unmount()
  expect(vi.getTimerCount()).toBe(0)
})
