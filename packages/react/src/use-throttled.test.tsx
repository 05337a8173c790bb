// @vitest-environment happy-dom
import { act, cleanup, render } from '@testing-library/react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { usePaced } from './use-paced.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

function Paced({ text }: { readonly text: string }): ReactElement {
  return <p>{usePaced(text, 10_000)}</p>
}

const after = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))

test('the first news is told at once, later ones at most once per interval, and always the last', async () => {
  const { container, rerender } = render(<Paced text="" />)
  expect(container.textContent).toBe('')
  rerender(<Paced text="1 viewer" />)
  await after(0)
  expect(container.textContent).toBe('1 viewer')
  for (const n of [2, 3, 4]) {
    rerender(<Paced text={`${n} viewers`} />)
    await after(3_000)
    expect(container.textContent).toBe('1 viewer')
  }
  await after(1_000)
  expect(container.textContent).toBe('4 viewers')
})

test('what comes and goes within an interval is not told', async () => {
  const { container, rerender } = render(<Paced text="" />)
  rerender(<Paced text="1 viewer" />)
  await after(0)
  rerender(<Paced text="2 viewers" />)
  await after(5_000)
  rerender(<Paced text="1 viewer" />)
  await after(20_000)
  expect(container.textContent).toBe('1 viewer')
})

test('nothing is left running when it is gone', async () => {
  const { rerender, unmount } = render(<Paced text="" />)
  rerender(<Paced text="1 viewer" />)
  unmount()
  expect(vi.getTimerCount()).toBe(0)
})
