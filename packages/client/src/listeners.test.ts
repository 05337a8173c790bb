import { expect, onTestFinished, test, vi } from 'vitest'
import { createListeners } from './listeners.js'

test('a function can be subscribed twice, and each subscription is removed separately', () => {
  const listeners = createListeners()
  let calls = 0
  const call = () => calls++
  const unsubscribe = listeners.subscribe(call)
  listeners.subscribe(call)
  listeners.notify()
  unsubscribe()
  unsubscribe()
  listeners.notify()
  expect(calls).toBe(3)
})

test('listeners may subscribe and unsubscribe during a notification', () => {
  const listeners = createListeners()
  const calls: string[] = []
  const unsubscribe = listeners.subscribe(() => {
    calls.push('first')
    unsubscribe()
    listeners.subscribe(() => calls.push('late'))
  })
  listeners.subscribe(() => calls.push('second'))
  listeners.notify()
  expect(calls).toEqual(['first', 'second'])
})

test('a listener that another one unsubscribes during a notification is not called', () => {
  const listeners = createListeners()
  const second = vi.fn()
  const undo: (() => void)[] = []
  listeners.subscribe(() => undo[0]!())
  undo.push(listeners.subscribe(second))
  listeners.notify()
  expect(second).not.toHaveBeenCalled()
})

test('a listener that throws is reported, and does not stop the others or the caller', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const listeners = createListeners()
  const call = vi.fn()
  listeners.subscribe(() => {
    throw new Error('of the page')
  })
  listeners.subscribe(call)
  listeners.notify()
  expect(call).toHaveBeenCalledOnce()
  expect(() => vi.runAllTimers()).toThrow('of the page')
})
