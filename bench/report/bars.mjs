import { diffBytes } from '../measure/diff.mjs'
import { median } from '../measure/stats.mjs'
import { withSpread } from './format.mjs'

/**
 * @typedef {import('./summary.mjs').Summary} Summary
 *
 * @typedef {object} Bar What Headcount was to reach.
 * @property {string} scenario
 * @property {string} what
 * @property {'at most' | 'at least'} side
 * @property {number} limit
 * @property {string} [shown] The limit as people say it.
 * @property {(summary: Summary) => readonly number[]} values Of each repeat; none where it was not measured.
 */

/** @param {string} scenario @param {number} size @param {string} name */
const ours = (scenario, size, name) => ({ scenario, size, system: /** @type {const} */ ('headcount'), name })
const tutorial = { system: /** @type {const} */ ('socketio') }
/** Frames where each of so many who join is told to all who are there. @param {number} clients */
const oneEach = (clients) => (clients * (clients + 1)) / 2

/** @type {readonly Bar[]} */
export const bars = [
  {
    scenario: 'storm',
    what: '2,000: frames, of one diff a join to every member',
    side: 'at most',
    limit: 1 / 50,
    shown: '1/50',
    values: (all) => all.values('storm', 2000, 'headcount', 'frames').map((frames) => frames / oneEach(2000)),
  },
  {
    scenario: 'storm',
    what: '2,000: bytes, of one diff a join to every member',
    side: 'at most',
    limit: 1 / 50,
    shown: '1/50',
    values: (all) =>
      all.values('storm', 2000, 'headcount', 'bytes').map((bytes) => bytes / (oneEach(2000) * (diffBytes(2000) + 4))),
  },
  {
    scenario: 'storm',
    what: 'clients that end wrong, at any size',
    side: 'at most',
    limit: 0,
    values: (all) => worst([500, 2000, 8000].flatMap((size) => all.values('storm', size, 'headcount', 'wrong'))),
  },
  {
    scenario: 'storm',
    what: '2,000: ms until a join is visible, p50',
    side: 'at most',
    limit: 300,
    values: (all) => all.values('storm', 2000, 'headcount', 'p50'),
  },
  {
    scenario: 'storm',
    what: '2,000: seconds of server CPU',
    side: 'at most',
    limit: 1,
    values: (all) => all.values('storm', 2000, 'headcount', 'cpu'),
  },
  {
    scenario: 'storm',
    what: '2,000: server CPU, of socket.io as in tutorials',
    side: 'at most',
    limit: 1 / 10,
    shown: '1/10',
    values: (all) => all.ratios(ours('storm', 2000, 'cpu'), tutorial),
  },
  {
    scenario: 'storm',
    what: 'server CPU a join at 8,000, of that at 500',
    side: 'at most',
    limit: 1.5,
    values: (all) => all.ratios(ours('storm', 8000, 'cpu'), { size: 500 }).map((ratio) => (ratio * 500) / 8000),
  },
  {
    scenario: 'churn',
    what: '2,000: server CPU, of socket.io as in tutorials',
    side: 'at most',
    limit: 1 / 15,
    shown: '1/15',
    values: (all) => all.ratios(ours('churn', 2000, 'cpu'), tutorial),
  },
  {
    scenario: 'churn',
    what: '2,000: steady frames, of one a change to every member',
    side: 'at most',
    limit: 1 / 15,
    shown: '1/15',
    values: (all) =>
      all.ratios(ours('churn', 2000, 'steadyFrames'), { name: 'steadyChanges' }).map((ratio) => ratio / 2000),
  },
  {
    scenario: 'spread',
    what: '10,000 over 500: server CPU, of socket.io as in tutorials',
    side: 'at most',
    limit: 1 / 2,
    shown: '1/2',
    values: (all) => all.ratios(ours('spread', 10_000, 'cpu'), tutorial),
  },
  {
    scenario: 'fanout',
    what: 'CPU a frame, of the floor',
    side: 'at most',
    limit: 1.3,
    values: (all) => all.ratios(ours('fanout', 9900, 'cpuEach'), { system: 'floor' }),
  },
  {
    scenario: 'beside',
    what: 'ms until a join is answered, p99, while 19,000 are being told',
    side: 'at most',
    limit: 100,
    values: (all) => all.values('beside', 19_000, 'headcount', 'p99'),
  },
  {
    scenario: 'idle',
    what: 'bytes of RSS a joined socket',
    side: 'at most',
    limit: 3200,
    values: (all) => all.values('idle', 14_000, 'headcount', 'rssEach'),
  },
  {
    scenario: 'idle',
    what: 'the same, of socket.io',
    side: 'at most',
    limit: 1 / 4,
    shown: '1/4',
    values: (all) => all.ratios(ours('idle', 14_000, 'rssEach'), tutorial),
  },
  {
    scenario: 'handshake',
    what: 'joins a second of CPU, of socket.io’s',
    side: 'at least',
    limit: 3,
    values: (all) => all.ratios(ours('handshake', 6000, 'joinsEach'), tutorial),
  },
  {
    scenario: 'workers',
    what: 'joins that two carry, of what one carries, by their busiest process',
    side: 'at least',
    limit: 1.7,
    values: (all) => all.ratios(ours('workers', 1, 'joinBusiest'), { size: 2 }),
  },
  {
    scenario: 'workers',
    what: 'the same for fan-out',
    side: 'at least',
    limit: 1.7,
    values: (all) => all.ratios(ours('workers', 1, 'fanBusiest'), { size: 2 }),
  },
]

/**
 * Each bar that was measured, with what came of it. The median is what counts.
 *
 * @param {Summary} summary
 */
export function judged(summary) {
  return bars.flatMap(({ scenario, what, side, limit, shown, values }) => {
    const all = values(summary)
    if (all.length === 0) return []
    const value = median(all)
    const met = side === 'at most' ? value <= limit : value >= limit
    return [{ scenario, what, bar: `${side} ${shown ?? limit}`, value: saying(all, shown), met }]
  })
}

/** A share is said as people say the bar: 1/62. @param {readonly number[]} all @param {string | undefined} shown */
function saying(all, shown) {
  if (shown === undefined) return withSpread(all)
  return `1/${withSpread(all.map((value) => 1 / value))}`
}

/** The worst repeat stands for all: one client wrong once is a fault. @param {readonly number[]} values */
function worst(values) {
  return values.length === 0 ? [] : [Math.max(...values)]
}
