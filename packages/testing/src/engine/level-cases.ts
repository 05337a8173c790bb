import type { Level } from '@headcount/core'

export interface LevelStep {
  /** The new count; absent if it does not change. */
  readonly count?: number
  /** The pause after it, in ms. */
  readonly wait?: number
  /** The levels passed by the end of the step: `1 up` for the level of that index. */
  readonly passes: readonly string[]
}

export interface LevelCase {
  readonly title: string
  readonly levels: readonly Level[]
  readonly steps: readonly LevelStep[]
}

/** A delay that a test on real time can wait for, and times well within and beyond it. */
const delay = 400
const [within, beyond] = [100, 700]
const occupied: Level = { up: 1, down: 0, delay }
const hundred: Level = { up: 100, down: 90, delay: 0 }

/** Examples of the rule of levels, for core and other engines. */
export const levelCases: readonly LevelCase[] = [
  {
    title: 'a level is passed up once',
    levels: [occupied],
    steps: [
      { count: 1, passes: ['0 up'] },
      { count: 2, passes: [] },
    ],
  },
  {
    title: 'a level is passed down when its delay is over',
    levels: [occupied],
    steps: [
      { count: 1, passes: ['0 up'] },
      { count: 0, wait: within, passes: [] },
      { wait: beyond, passes: ['0 down'] },
    ],
  },
  {
    title: 'a count that returns in time passes no level, and the delay restarts',
    levels: [occupied],
    steps: [
      { count: 1, passes: ['0 up'] },
      { count: 0, wait: within, passes: [] },
      { count: 3, wait: beyond, passes: [] },
      { count: 0, wait: within, passes: [] },
      { wait: beyond, passes: ['0 down'] },
      { count: 1, passes: ['0 up'] },
    ],
  },
  {
    title: 'a count between both ends of a level passes nothing',
    levels: [hundred],
    steps: [
      { count: 95, passes: [] },
      { count: 100, passes: ['0 up'] },
      { count: 91, passes: [] },
      { count: 99, passes: [] },
      { count: 90, passes: ['0 down'] },
      { count: 99, passes: [] },
    ],
  },
  {
    title: 'several levels are passed at once, in their order',
    levels: [occupied, hundred],
    steps: [
      { count: 200, passes: ['0 up', '1 up'] },
      { count: 0, wait: within, passes: ['1 down'] },
      { wait: beyond, passes: ['0 down'] },
    ],
  },
  { title: 'a topic without levels passes none', levels: [], steps: [{ count: 5, passes: [] }] },
]
