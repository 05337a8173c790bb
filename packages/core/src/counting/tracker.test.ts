import { expect, test } from 'vitest'
import type { Change } from '../engine/engine.js'
import { FakeClock } from '../runtime/fake-clock.js'
import { BusiestTopics } from './busiest-topics.js'
import type { Presence } from './presence.js'
import { Tracker } from './tracker.js'

const user: Presence = { group: 0, person: null }
const viewer: Presence = { group: 1, person: null }
const ada: Presence = { group: 0, person: 'ada' }
const adaAsViewer: Presence = { group: 1, person: 'ada' }

const trackerOf = (onChange = () => {}) => new Tracker(2, onChange, () => [0, 0], new BusiestTopics(new FakeClock()))

type Step = (tracker: Tracker) => unknown
const track = (presence: Presence, topic = 'a') => ((tracker) => tracker.track(topic, presence)) as Step
const untrack = (presence: Presence, topic = 'a') => ((tracker) => tracker.untrack(topic, presence)) as Step
const take: Step = (tracker) => tracker.take(() => 50)
/** Takes the changes, fails to commit them after `meanwhile`, and restores them. */
const takeAndRestore = (meanwhile: Step = () => {}): Step => {
  return (tracker) => {
    const changes = tracker.take(() => 50)
    meanwhile(tracker)
    tracker.restore(changes)
  }
}
const change = (topic: string, counts: number[], ...people: [key: string, group: number | null][]): Change => {
  return { topic, counts, people: people.map(([key, group]) => ({ key, group })), interval: 50 }
}

test.each<[title: string, steps: Step[], changes: Change[], topicsLeft: number]>([
  ['counts are absolute', [track(viewer), track(viewer), track(user)], [change('a', [1, 2])], 1],
  ['a change is returned once', [track(viewer), take], [], 1],
  ['a topic is dropped with its last presence', [track(viewer), take, untrack(viewer)], [change('a', [0, 0])], 0],
  ['a restored change is newer', [track(viewer), takeAndRestore(track(viewer))], [change('a', [0, 2])], 1],
  ['a leave is restored', [track(viewer), take, untrack(viewer), takeAndRestore()], [change('a', [0, 0])], 0],
  ['three tabs are one person', [track(ada), track(ada), track(ada)], [change('a', [0, 0], ['ada', 0])], 1],
  ['a person stays with one tab', [track(ada), track(ada), take, untrack(ada)], [], 1],
  ['a person leaves with the last tab', [track(ada), take, untrack(ada)], [change('a', [0, 0], ['ada', null])], 0],
  ['a person counts in the lower group', [track(adaAsViewer), take, track(ada)], [change('a', [0, 0], ['ada', 0])], 1],
  ['a person is returned once', [track(ada), take, track(viewer)], [change('a', [0, 1])], 1],
  [
    'a person moves to the group that is left',
    [track(adaAsViewer), track(ada), take, untrack(ada)],
    [change('a', [0, 0], ['ada', 1])],
    1,
  ],
  [
    'the leave of a person is restored',
    [track(ada), take, untrack(ada), takeAndRestore()],
    [change('a', [0, 0], ['ada', null])],
    0,
  ],
  [
    'markAll returns every topic and person again',
    [track(viewer), track(ada, 'b'), take, (tracker) => tracker.markAll()],
    [change('a', [0, 1]), change('b', [0, 0], ['ada', 0])],
    2,
  ],
])('%s', (_title, steps, changes, topicsLeft) => {
  const tracker = trackerOf()
  for (const step of steps) step(tracker)
  expect(tracker.take(() => 50)).toEqual(changes)
  expect(['a', 'b'].filter((topic) => tracker.view(topic) !== undefined)).toHaveLength(topicsLeft)
})

test('the callback is called for every change', () => {
  let changes = 0
  const tracker = trackerOf(() => void changes++)
  for (const step of [track(viewer), untrack(viewer), track(ada), track(ada)]) step(tracker)
  expect(changes).toBe(3)
})
