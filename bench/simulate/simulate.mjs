import { Agenda } from './agenda.mjs'
import { balancer } from './balancer.mjs'
import { Cluster } from './cluster.mjs'
import { add, of } from './columns.mjs'
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

/** What happens, by number: an agenda holds numbers alone. */
const acts = { count: 0, commit: 1, tell: 2, keep: 3, back: 4, leave: 5, arrive: 6, renew: 7 }

/** Runs a world to its end. The same world gives the same numbers. @param {World} world */
export function simulate(world) {
  const { sizes, replicas, engine, seed, leave = 0, away = 1000, lead = 0, seconds, arrive } = world
  const chance = random(seed)
  const people = sizes.reduce((all, size) => all + size, 0)
  const by = balancer(world.balancer ?? 'any', replicas, world.together ?? 1000, sizes, chance)
  const changes = leave * (lead + seconds + away / 1000)
  const places = new Places(sizes.length, replicas, Math.ceil(people + changes * 1.1 + 100))
  const agenda = new Agenda()
  const { tally, log, telling, cluster } = parts(world, places, agenda, chance)
  const begin = lead * 1000
  const end = begin + seconds * 1000
  let now = 0

  /** @param {number} place @param {1 | -1} how */
  const change = (place, how) => {
    add(how === 1 ? tally.joins : tally.leaves, of(places.replica, place), 1)
    if (world.traced === undefined || chance() < world.traced) log.changed(place, now)
    cluster.change(place, how, now)
  }
  /** @param {number} replica */
  const commit = (replica) => {
    cluster.commit(replica, now)
    if (engine.lease > 0) agenda.add(now + engine.lease / renewals, acts.renew, replica, now)
  }

  if (arrive === undefined) {
    for (let topic = 0; topic < sizes.length; topic++) {
      by.fill(topic, (replica, members) => cluster.begin(places.at(topic, replica), members))
    }
    cluster.settle()
  }
  const somebody = picker(places, people, chance)

  /** @type {Record<number, (a: number, b: number) => void>} */
  const act = {
    [acts.count]: () => tally.reset(now),
    [acts.commit]: commit,
    [acts.tell]: (place) => telling.tell(place, now),
    [acts.keep]: (place, version) => cluster.keep(place, version, now),
    [acts.back]: (place, member) => {
      const topic = of(places.topic, place)
      change(world.balancer === 'turns' ? place : places.at(topic, by.place(topic, member)), 1)
    },
    [acts.leave]: () => {
      const place = somebody()
      change(place, -1)
      agenda.add(now + away * (0.5 + chance()), acts.back, place, Math.floor(chance() * people))
      agenda.add(now + ((0.5 + chance()) * 1000) / leave, acts.leave)
    },
    [acts.arrive]: (member) => {
      const topic = member % sizes.length
      change(places.at(topic, by.place(topic, member)), 1)
      if (member + 1 < people) agenda.add(now + 1000 / (arrive ?? 1), acts.arrive, member + 1)
    },
    [acts.renew]: (replica, since) => {
      if (cluster.silent(replica, since)) commit(replica)
    },
  }

  agenda.add(begin, acts.count)
  if (engine.lease > 0) {
    const apart = engine.lease / renewals / replicas
    for (let replica = 0; replica < replicas; replica++) agenda.add(replica * apart, acts.renew, replica)
  }
  if (leave > 0) agenda.add(0, acts.leave)
  if (arrive !== undefined) agenda.add(0, acts.arrive)
  const whole = world.drain === true || arrive !== undefined
  for (let next = agenda.next(); next !== undefined; next = agenda.next()) {
    if (next.at > end && !whole) break
    // Leaving and renewing are over; time is that of the last who did anything.
    if (next.at > end && (next.kind === acts.renew || next.kind === acts.leave)) continue
    now = next.at
    act[next.kind]?.(next.a, next.b)
  }
  return { tally, places, people, seconds: (Math.max(now, end) - begin) / 1000 }
}

/**
 * What replicas and the cluster are made of.
 *
 * @param {World} world
 * @param {Places} places
 * @param {Agenda} agenda
 * @param {() => number} chance
 */
function parts({ engine, replicas, frame, turn = 0, flush = defaultFlush }, places, agenda, chance) {
  const tally = new Tally(replicas, engine.slots)
  const log = new Log(places, tally)
  /** @param {number} at @param {number} place */
  const wake = (at, place) => agenda.add(at, acts.tell, place)
  const telling = new Telling({ places, tally, log, flush, frame, turn, wake })
  const cluster = new Cluster({
    engine,
    places,
    tally,
    log,
    telling,
    late: () => (engine.late === 0 ? 0 : chance() * engine.late),
    commitAt: (at, replica) => agenda.add(at, acts.commit, replica),
    keepAt: (at, place, version) => agenda.add(at, acts.keep, place, version),
  })
  return { tally, log, telling, cluster }
}

/**
 * Gives the place of somebody by chance, out of those who are there now.
 *
 * @param {Places} places
 * @param {number} people
 * @param {() => number} chance
 */
function picker(places, people, chance) {
  /** Of each place: those who are in it and in all before it. */
  const upTo = places.here.slice(0, places.count)
  for (let i = 1; i < upTo.length; i++) add(upTo, i, of(upTo, i - 1))
  return () => {
    for (;;) {
      const one = chance() * people
      let [low, high] = [0, upTo.length - 1]
      while (low < high) {
        const middle = (low + high) >> 1
        if (of(upTo, middle) > one) high = middle
        else low = middle + 1
      }
      // Some have left since.
      if (of(places.here, low) > 0) return low
    }
  }
}
