import { Agenda } from './agenda.mjs'
import { balancer } from './balancer.mjs'
import { Cluster } from './cluster.mjs'
import { of } from './columns.mjs'
import { renewals } from './engines.mjs'
import { Log } from './log.mjs'
import { defaultFlush } from './pace.mjs'
import { Places } from './places.mjs'
import { random } from './random.mjs'
import { Tally } from './tally.mjs'
import { Telling } from './telling.mjs'

/**
 * What is simulated.
 *
 * @typedef {object} World
 * @property {Int32Array} sizes Of the topics: how many are there from the beginning, or come.
 * @property {number} replicas
 * @property {import('./engines.mjs').EngineModel} engine
 * @property {import('./balancer.mjs').BalancerName} [balancer]
 * @property {number} [together] With `topic`: how many of a topic's members are on one replica at most.
 * @property {import('./pace.mjs').Flush} [flush]
 * @property {number} frame CPU of a frame, in ms: telling keeps to its share of a thread.
 * @property {number} [turn] CPU of a flush beside its frames, in ms (0).
 * @property {number} [arrive] Nobody is there from the beginning; so many come each second, to the topics in turn.
 * @property {number} [leave] So many leave each second, and come back `away` ms later, half of it sooner or later.
 * @property {number} [away]
 * @property {number} [lead] Seconds before anything is counted.
 * @property {number} seconds For how long it is counted.
 * @property {boolean} [drain] Those who are still away then come back, and it is counted until all have been told.
 * @property {number} [traced] Of which part of the changes it is followed when they are shown (1).
 * @property {number} seed
 */

const acts = { commit: 0, tell: 1, keep: 2, back: 3, leave: 4, arrive: 5, renew: 6, count: 7 }

/** Runs a world to its end. The same world gives the same numbers. @param {World} world */
export function simulate(world) {
  const {
    sizes,
    replicas,
    engine,
    frame,
    seed,
    leave = 0,
    away = 1000,
    lead = 0,
    seconds,
    traced = 1,
  } = world
  const chance = random(seed)
  const people = sizes.reduce((all, size) => all + size, 0)
  const by = balancer(world.balancer ?? 'any', replicas, world.together ?? 1000, sizes, chance)
  const changes = leave * (lead + seconds + away / 1000)
  const places = new Places(sizes.length, replicas, Math.ceil(people + changes * 1.1 + 100))
  const tally = new Tally(replicas, engine.slots)
  const log = new Log(places, tally)
  const agenda = new Agenda()
  const telling = new Telling({
    places,
    tally,
    log,
    flush: world.flush ?? defaultFlush,
    frame,
    turn: world.turn ?? 0,
    wake: (at, place) => agenda.add(at, acts.tell, place),
  })
  const cluster = new Cluster({
    engine,
    places,
    tally,
    log,
    telling,
    late: () => (engine.window === 0 ? 0 : chance() * engine.late),
    commitAt: (at, replica) => agenda.add(at, acts.commit, replica),
    keepAt: (at, place, version) => agenda.add(at, acts.keep, place, version),
  })

  /** @param {number} place @param {1 | -1} how @param {number} now */
  const change = (place, how, now) => {
    const replica = of(places.replica, place)
    const column = how === 1 ? tally.joins : tally.leaves
    column[replica] = of(column, replica) + 1
    if (traced === 1 || chance() < traced) log.changed(place, now)
    cluster.change(place, how, now)
  }
  /** @param {number} replica @param {number} now */
  const commit = (replica, now) => {
    cluster.commit(replica, now)
    if (engine.lease > 0) agenda.add(now + engine.lease / renewals, acts.renew, replica, now)
  }

  /** Of each place: those who were there in the beginning, in it and in all before it. */
  let upTo = new Int32Array(0)
  if (world.arrive === undefined) {
    for (let topic = 0; topic < sizes.length; topic++) {
      by.fill(topic, (replica, members) => cluster.begin(places.at(topic, replica), members))
    }
    cluster.settle()
    upTo = places.here.slice(0, places.count)
    for (let i = 1; i < upTo.length; i++) upTo[i] = of(upTo, i) + of(upTo, i - 1)
  }
  /** The place of somebody by chance. */
  const somebody = () => {
    for (;;) {
      const one = chance() * people
      let [low, high] = [0, upTo.length - 1]
      while (low < high) {
        const middle = (low + high) >> 1
        if (of(upTo, middle) > one) high = middle
        else low = middle + 1
      }
      if (of(places.here, low) > 0) return low
    }
  }

  const begin = lead * 1000
  const end = begin + seconds * 1000
  agenda.add(begin, acts.count)
  if (engine.lease > 0) {
    for (let replica = 0; replica < replicas; replica++) {
      agenda.add((replica / replicas) * (engine.lease / renewals), acts.renew, replica, 0)
    }
  }
  if (leave > 0) agenda.add(0, acts.leave)
  if (world.arrive !== undefined) agenda.add(0, acts.arrive)

  let now = 0
  for (let next = agenda.next(); next !== undefined; next = agenda.next()) {
    const { at, kind, a, b } = next
    if (at > end && (kind === acts.renew || kind === acts.leave)) continue
    if (at > end && world.arrive === undefined && world.drain !== true) break
    now = at
    if (kind === acts.commit) commit(a, at)
    else if (kind === acts.tell) telling.tell(a, at)
    else if (kind === acts.keep) cluster.keep(a, b, at)
    else if (kind === acts.back) {
      const topic = of(places.topic, a)
      const stays = world.balancer === 'turns'
      change(stays ? a : places.at(topic, by.place(topic, b)), 1, at)
    } else if (kind === acts.leave) {
      const place = somebody()
      change(place, -1, at)
      agenda.add(at + away * (0.5 + chance()), acts.back, place, Math.floor(chance() * people))
      agenda.add(at + ((0.5 + chance()) * 1000) / leave, acts.leave)
    } else if (kind === acts.arrive) {
      const topic = a % sizes.length
      change(places.at(topic, by.place(topic, a)), 1, at)
      if (a + 1 < people) agenda.add(at + 1000 / (world.arrive ?? 1), acts.arrive, a + 1)
    } else if (kind === acts.renew) {
      if (cluster.silent(a, b)) commit(a, at)
    } else tally.reset(at)
  }
  return { tally, places, people, seconds: (Math.max(now, end) - begin) / 1000 }
}
