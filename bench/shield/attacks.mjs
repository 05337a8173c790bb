import { Range } from './range.mjs'

/** @typedef {import('./room.mjs').Room} Room */
/**
 * Returns the number that the attacker believes.
 *
 * @typedef {(room: Room, k: number) => Promise<number>} Attack
 */

/** Looks once, and guesses the middle. @type {Attack} */
async function look(room, k) {
  const range = new Range()
  range.learn((await room.watch()).count, k)
  return range.middle
}

/** Adds one presence at each tick until the number changes. @type {Attack} */
async function pad(room, k) {
  const shown = await room.watch()
  const range = new Range()
  range.learn(shown.count, k)
  for (let wanted = 1; wanted <= k && !range.isExact; wanted++) {
    const own = await room.own(wanted)
    if (own < wanted) break
    await room.toTick()
    range.learn(shown.count, k, own)
  }
  return range.middle
}

/** Joins just before ticks, and leaves just after: halves the range each time. @type {Attack} */
async function timed(room, k) {
  const shown = await room.watch()
  const range = new Range()
  range.learn(shown.count, k)
  for (let probes = 0; probes < 8 && !range.isExact; probes++) {
    const half = Math.floor((range.low + range.high) / 2) + 1
    const wanted = Math.ceil(half / k) * k - half
    const before = shown.count
    await room.toTick(-500)
    const own = await room.own(wanted)
    await room.toTick()
    range.learn(shown.count, k, own)
    await room.own(0)
    if (own < wanted) break
    // The number goes down after a whole tick.
    if (shown.count > before) for (let ticks = 0; ticks < 2; ticks++) await room.toTick()
  }
  return range.middle
}

/** Compares sockets of two replicas, HTTP requests to ten others, and the roll-up. @type {Attack} */
async function surfaces(room, k) {
  const range = new Range()
  const first = await room.watch()
  await room.advance(room.tick / 3)
  const second = await room.watch('room', 1)
  const site = await room.watch('site')
  for (let replica = 2; replica < 12; replica++) {
    await room.advance(room.tick / 4)
    range.learn(await room.read(replica), k)
    range.learn(await room.read(replica, 'site'), 2 * k)
    range.learn(first.count, k)
    range.learn(second.count, k)
    range.learn(site.count, 2 * k)
  }
  return range.middle
}

/** Guesses the current number from the average of three hours. @type {Attack} */
async function average(room, k) {
  const shown = await room.watch()
  let sum = 0
  const ticks = (3 * 3_600_000) / room.tick
  for (let i = 0; i < ticks; i++) {
    await room.toTick()
    sum += shown.count
  }
  return Math.round(sum / ticks + (k - 1) / 2)
}

/** Waits up to two hours for a change: at that moment the number has just crossed a step. @type {Attack} */
async function wait(room, k) {
  const shown = await room.watch()
  const before = shown.count
  for (let ticks = 0; ticks * room.tick < 2 * 3_600_000 && shown.count === before; ticks++) await room.toTick()
  if (shown.count === before) return before + Math.floor((k - 1) / 2)
  return shown.count > before ? shown.count : shown.count + k - 1
}

/** The same by HTTP at a replica that has no socket in the topic, four times a tick. @type {Attack} */
async function poll(room, k) {
  const before = await room.read(1)
  let shown = before
  for (let waited = 0; waited < 2 * 3_600_000 && shown === before; waited += room.tick / 4) {
    await room.advance(room.tick / 4)
    shown = await room.read(1)
  }
  if (shown === before) return before + Math.floor((k - 1) / 2)
  return shown > before ? shown : shown + k - 1
}

/** Attacks with presences of the attacker, and those without. @type {Record<string, Attack>} */
export const active = { pad, timed }
/** @type {Record<string, Attack>} */
export const passive = { look, surfaces, average, wait, poll }
