import { expect, test } from 'vitest'
import { Listeners } from './listeners.js'

test('the same function may listen twice, and each undo undoes one', () => {
  const listeners = new Listeners()
  let calls = 0
  const call = () => calls++
  const undo = listeners.subscribe(call)
  listeners.subscribe(call)
  listeners.notify()
  undo()
  undo()
  listeners.notify()
  expect(calls).toBe(3)
  expect(listeners.size).toBe(1)
})

test('who comes or goes while others are told is no trouble', () => {
  const listeners = new Listeners()
  const heard: string[] = []
  const undo = listeners.subscribe(() => {
    heard.push('first')
    undo()
    listeners.subscribe(() => heard.push('late'))
  })
  listeners.subscribe(() => heard.push('second'))
  listeners.notify()
  expect(heard).toEqual(['first', 'second'])
})
