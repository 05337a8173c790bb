import { confirm, type HistoryMinute, type HistoryState, recordChange } from '@headcount/core'
import { expect, test } from 'vitest'
import { historyCases } from './history-cases.js'

test.each(Object.entries(historyCases))('in core, %s', (_title, { steps, state: expected, minute: newest }) => {
  const minutes = new Map<number, HistoryMinute>()
  let state: HistoryState | undefined
  for (const step of steps) {
    if ('found' in step) state = state && confirm(state, step.found, step.at)
    else {
      const change = { before: step.before, after: step.after, now: step.at }
      const recorded = recordChange(state, (number) => minutes.get(number), change)
      state = recorded.state
      minutes.set(recorded.minute[0]!, recorded.minute)
    }
  }
  expect(state).toEqual(expected)
  expect(minutes.get(newest[0]!)).toEqual(newest)
})
