import { add, of } from './columns.mjs'
import { dueAfter, namedAtOnce } from './engines.mjs'
import { Gate } from './gate.mjs'
import { toSay } from './telling.mjs'

/**
 * What replicas say to the cluster and it to them: gathering, one script call a slot, publishing at most once an interval, and the
 * promise to publish what was held back. packages/redis does this for real.
 */
export class Cluster {
  #o
  /** Of each topic: totals, their version, and what was published of them. */
  #totals
  #version
  #gate
  /** Of each replica: when it committed last, whether its next is set, and the places that have moved. */
  #committedAt
  #due
  /** @type {number[][]} */
  #moved
  /** Of each replica and slot: topics there, when its lease was renewed, and when it last kept promises. */
  #topics
  #renewedAt
  #keptAt

  /**
   * @param {object} around
   * @param {import('./engines.mjs').EngineModel} around.engine
   * @param {import('./places.mjs').Places} around.places
   * @param {import('./tally.mjs').Tally} around.tally
   * @param {import('./log.mjs').Log} around.log
   * @param {import('./telling.mjs').Telling} around.telling
   * @param {() => number} around.late By how many ms a timer is late.
   * @param {(at: number, replica: number) => void} around.commitAt Calls `commit` at that time.
   * @param {(at: number, place: number, version: number) => void} around.keepAt Calls `keep` at that time.
   */
  constructor(around) {
    this.#o = around
    const { places, engine } = around
    const topics = places.first.length
    this.#totals = new Int32Array(topics)
    this.#version = new Int32Array(topics).fill(1)
    this.#gate = new Gate(topics, engine.gated)
    this.#committedAt = new Float64Array(places.replicas).fill(Number.NEGATIVE_INFINITY)
    this.#due = new Uint8Array(places.replicas)
    this.#moved = Array.from({ length: places.replicas }, () => [])
    this.#topics = new Int32Array(places.replicas * engine.slots)
    this.#renewedAt = new Float64Array(places.replicas * engine.slots).fill(Number.NEGATIVE_INFINITY)
    this.#keptAt = new Float64Array(places.replicas * engine.slots).fill(Number.NEGATIVE_INFINITY)
  }

  /** Members are at a place from before the beginning. @param {number} place @param {number} members */
  begin(place, members) {
    const { places } = this.#o
    if (add(places.here, place, members) === members) add(this.#topics, this.#part(place), 1)
    add(this.#totals, of(places.topic, place), members)
  }

  /** All places know the totals, and their members were told. */
  settle() {
    const { places } = this.#o
    for (let place = 0; place < places.count; place++) this.#tellFirst(place)
  }

  /**
   * Somebody joins (1) or leaves (-1).
   *
   * @param {number} place
   * @param {1 | -1} by
   * @param {number} now
   */
  change(place, by, now) {
    const { places, engine, tally } = this.#o
    const here = add(places.here, place, by)
    const replica = of(places.replica, place)
    if (by === 1 && here === 1) {
      add(this.#topics, this.#part(place), 1)
      tally.watches++
      add(tally.watched, replica, 1)
      add(tally.slotWatched, this.#slot(of(places.topic, place)), 1)
      this.#tellFirst(place)
    } else if (here === 0) {
      add(this.#topics, this.#part(place), -1)
      tally.unwatches++
      places.tellAt[place] = 0
    }
    add(places.moved, place, by)
    const flags = of(places.flags, place)
    if ((flags & toSay) === 0) {
      places.flags[place] = flags | toSay
      this.#moved[replica]?.push(place)
    }
    if (of(this.#due, replica) === 1) return
    this.#due[replica] = 1
    const at = Math.max(now, of(this.#committedAt, replica) + engine.window)
    if (at <= now) this.commit(replica, now)
    else this.#o.commitAt(at + this.#o.late(), replica)
  }

  /** Whether a replica has said nothing since. @param {number} replica @param {number} since */
  silent(replica, since) {
    return of(this.#committedAt, replica) <= since && of(this.#due, replica) === 0
  }

  /**
   * A replica says what has moved, and renews its leases.
   *
   * @param {number} replica
   * @param {number} now
   */
  commit(replica, now) {
    const { places, engine, log } = this.#o
    const moved = this.#moved[replica] ?? []
    this.#moved[replica] = []
    this.#due[replica] = 0
    this.#committedAt[replica] = now
    this.#count(replica, moved, now)
    const arrived = now + engine.hop + this.#o.late()
    for (const place of moved) {
      places.flags[place] = of(places.flags, place) & ~toSay
      const by = of(places.moved, place)
      places.moved[place] = 0
      const topic = of(places.topic, place)
      if (by !== 0) {
        add(this.#totals, topic, by)
        log.said(place, add(this.#version, topic, 1))
      }
      this.#publish(topic, place, arrived)
      this.#hear(place, arrived + engine.hop)
    }
  }

  /**
   * A replica publishes what was held back, unless another has.
   *
   * @param {number} place
   * @param {number} version
   * @param {number} now
   */
  keep(place, version, now) {
    const { places, tally, engine } = this.#o
    const topic = of(places.topic, place)
    if (this.#gate.version(topic) >= version) return
    const part = this.#part(place)
    const slot = this.#slot(topic)
    // All that is due in the same moment is one call.
    if (now - of(this.#keptAt, part) >= 1) {
      this.#keptAt[part] = now
      tally.publishes++
      add(tally.slotPublishes, slot, 1)
      add(tally.sent, of(places.replica, place), 1)
    }
    add(tally.slotNamed, slot, 1)
    this.#gate.kept(topic)
    this.#publish(topic, place, now + engine.hop)
  }

  /**
   * @param {number} replica
   * @param {readonly number[]} moved
   * @param {number} now
   */
  #count(replica, moved, now) {
    const { places, engine, tally } = this.#o
    const { slots, lease } = engine
    tally.said += moved.length
    add(tally.named, replica, moved.length)
    const named = new Map()
    for (const place of moved) {
      const slot = this.#slot(of(places.topic, place))
      named.set(slot, (named.get(slot) ?? 0) + 1)
    }
    if (lease === 0) return
    for (let slot = 0; slot < slots; slot++) {
      const part = replica * slots + slot
      const renews = of(this.#topics, part) > 0 && now - of(this.#renewedAt, part) >= lease * dueAfter
      const topics = named.get(slot) ?? 0
      if (renews) this.#renewedAt[part] = now
      const calls = topics === 0 ? Number(renews) : Math.ceil(topics / namedAtOnce)
      tally.commits += calls
      add(tally.sent, replica, calls)
      add(tally.slotCommits, slot, calls)
      add(tally.slotNamed, slot, topics)
    }
  }

  /**
   * @param {number} topic
   * @param {number} place Whose commit, or promise, this is.
   * @param {number} now
   */
  #publish(topic, place, now) {
    const { engine, telling, keepAt, late } = this.#o
    const version = of(this.#version, topic)
    const due = this.#gate.ask(topic, version, telling.interval(place), now)
    if (due === 0) this.#deliver(topic, now + engine.hop)
    else if (due > 0) keepAt(Math.ceil(due + engine.hop) + 1 + late(), place, version)
  }

  /**
   * @param {number} topic
   * @param {number} now
   */
  #deliver(topic, now) {
    const { places, tally } = this.#o
    const slot = this.#slot(topic)
    tally.published++
    for (let place = of(places.first, topic); place >= 0; place = places.after(place)) {
      if (of(places.here, place) === 0) continue
      add(tally.heard, of(places.replica, place), 1)
      add(tally.slotDelivered, slot, 1)
      this.#hear(place, now)
    }
  }

  /** @param {number} place @param {number} now */
  #hear(place, now) {
    const topic = of(this.#o.places.topic, place)
    this.#o.telling.hear(place, of(this.#totals, topic), of(this.#version, topic), now)
  }

  /** Who comes first is told what is known. @param {number} place */
  #tellFirst(place) {
    const { places } = this.#o
    const topic = of(places.topic, place)
    places.known[place] = places.told[place] = of(this.#totals, topic)
    places.knownVersion[place] = places.toldVersion[place] = of(this.#version, topic)
  }

  /** @param {number} topic */
  #slot(topic) {
    return topic % this.#o.engine.slots
  }

  /** @param {number} place */
  #part(place) {
    const { places, engine } = this.#o
    return of(places.replica, place) * engine.slots + this.#slot(of(places.topic, place))
  }
}
