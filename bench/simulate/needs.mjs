import { diffBytes } from '../measure/diff.mjs'
import { of } from './columns.mjs'
import { confirmedFor, dueAfter, renewals } from './engines.mjs'
import { sum } from './tally.mjs'

/** How much of a core is to be busy, so that there is room for a bad minute. */
export const comfortable = 0.6
/** A client that is silent for so long, in ms, sends a heartbeat: the stock client's default. */
const beat = 30_000

/**
 * What a simulated world takes.
 *
 * @param {import('./simulate.mjs').World} world
 * @param {ReturnType<typeof import('./simulate.mjs').simulate>} outcome
 * @param {import('./units.mjs').Units} units
 */
export function needs(world, { tally, places, people, seconds }, units) {
  const { engine, replicas } = world
  const gated = engine.lease > 0
  const rows = present(places)
  // Every change is a change of one of those who are there; who moves more often is said again less often.
  const again = gated ? saidAgain(rows.here, (2 * (world.leave ?? 0)) / people, engine.lease * confirmedFor) : 0
  const cpuOf = (/** @type {number} */ r) =>
    (of(tally.joins, r) * units.join +
      of(tally.leaves, r) * units.leave +
      of(tally.frames, r) * units.frame +
      of(tally.flushes, r) * units.flush +
      (gated
        ? of(tally.sent, r) * units.replicaCall +
          of(tally.named, r) * units.replicaTopic +
          of(tally.heard, r) * units.replicaMessage +
          of(tally.watched, r) * units.replicaWatch
        : 0)) /
      1e6 /
      seconds +
    (people / replicas / beat) * 1000 * (units.heartbeat / 1e6) +
    (again / replicas) * (units.replicaTopic / 1e6)
  const cores = Array.from({ length: replicas }, (_, r) => cpuOf(r))
  const perPlace = units.socketAndTopic - units.socketMemory + (gated ? units.replicaTopicMemory : 0)
  const frames = sum(tally.frames) / seconds
  const joins = sum(tally.joins) / seconds
  return {
    cores: cores.reduce((all, one) => all + one, 0),
    busiest: Math.max(...cores),
    frames,
    changes: (sum(tally.joins) + sum(tally.leaves)) / seconds,
    memory: replicas * units.base + people * units.socketMemory + rows.count * perPlace,
    kernel: people * units.kernelMemory,
    bandwidth:
      (frames * (diffBytes(people / world.sizes.length) + 4) +
        joins * units.joinBytes +
        (people / beat) * 1000 * units.heartbeatBytes) *
      8,
    p50: tally.waits.quantile(0.5),
    p99: tally.waits.quantile(0.99),
    calmP50: tally.calm.quantile(0.5),
    calmP99: tally.calm.quantile(0.99),
    rows: rows.count,
    ...(gated ? redisNeeds(world, tally, rows, again, seconds, units) : {}),
  }
}

/**
 * @param {import('./simulate.mjs').World} world
 * @param {import('./tally.mjs').Tally} tally
 * @param {{ count: number, topics: number }} rows
 * @param {number} again Topics said again a second.
 * @param {number} seconds
 * @param {import('./units.mjs').Units} units
 */
function redisNeeds({ engine, replicas }, tally, rows, again, seconds, units) {
  const { slots, lease } = engine
  const calls = (tally.commits + tally.publishes) / seconds
  const delivered = sum(tally.heard) / seconds
  const watched = tally.watches / seconds
  const inUse = Math.min(slots, rows.topics)
  const renewed = (replicas * 1000) / (lease * dueAfter)
  /** Of each slot, in cores. */
  const load = Array.from({ length: slots }, (_, slot) => {
    const at = (/** @type {Float64Array} */ column) => of(column, slot) / seconds
    const commits = at(tally.slotCommits)
    const reads = at(tally.slotWatched)
    // Renewals and reads look at all leases of their slot.
    const looks = Math.min(commits, renewed) + reads
    return (
      ((commits + at(tally.slotPublishes) + reads) * units.redisCall +
        looks * replicas * units.redisLease +
        (at(tally.slotNamed) + (slot < inUse ? again / inUse : 0)) * units.redisTopic +
        at(tally.slotDelivered) * units.redisMessage +
        reads * units.redisWatch) /
      1e6
    )
  })
  const named = sum(tally.slotNamed) / seconds + again
  const masters = mastersFor(load)
  const nodes = Math.min(masters, inUse)
  // Two connections of each replica to each master are asked four times a lease whether they live.
  const pings = (2 * nodes * replicas * renewals * 1000) / lease
  return {
    commands: calls + 2 * watched + tally.unwatches / seconds + pings,
    commits: tally.commits / seconds,
    publishes: tally.publishes / seconds,
    published: tally.published / seconds,
    delivered,
    again,
    redisCores: load.reduce((all, one) => all + one, 0) + (pings * units.redisPing) / 1e6,
    busiestSlot: Math.max(...load),
    masters,
    redisMemory: rows.topics * units.redisTopicMemory + rows.count * units.redisRowMemory,
    redisBandwidth:
      (calls * units.redisCallBytes +
        named * units.redisTopicBytes +
        delivered * units.redisMessageBytes +
        watched * units.redisWatchBytes +
        pings * units.redisPingBytes) *
      8,
  }
}

/** So few masters that none is busier than is comfortable; Infinity where one slot alone is. @param {readonly number[]} load */
export function mastersFor(load) {
  for (let masters = 1; masters <= load.length; masters++) {
    const each = new Array(masters).fill(0)
    for (const [slot, one] of load.entries()) each[slot % masters] += one
    if (Math.max(...each) <= comfortable) return masters
  }
  return Number.POSITIVE_INFINITY
}

/** @param {import('./places.mjs').Places} places */
function present(places) {
  const here = places.here.subarray(0, places.count).filter((members) => members > 0)
  let topics = 0
  const seen = new Uint8Array(places.first.length)
  for (let place = 0; place < places.count; place++) {
    const topic = of(places.topic, place)
    if (of(places.here, place) === 0 || seen[topic] === 1) continue
    seen[topic] = 1
    topics++
  }
  return { here, count: here.length, topics }
}

/**
 * How often a second what has not moved for so many ms is said again, where each member changes so often a second: changes come by
 * chance, and each begins the wait anew.
 *
 * @param {Int32Array} here
 * @param {number} each
 * @param {number} wait
 */
export function saidAgain(here, each, wait) {
  let all = 0
  for (const members of here) {
    const rate = members * each
    all += rate === 0 ? 1000 / wait : rate / Math.expm1((rate * wait) / 1000)
  }
  return all
}
