import { expect, test } from 'vitest'
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
