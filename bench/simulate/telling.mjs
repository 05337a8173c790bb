import { add, of } from './columns.mjs'
import { ahead, flushInterval } from './pace.mjs'

/** Flags of a place. */
export const toSay = 1
export const toTell = 2

/**
 * When the members of a place are told: the flush rule, and the share of its thread that a replica spends on telling, as in
 * packages/server/src/telling.
 */
export class Telling {
  #places
  #tally
  #flush
  #frame
  #turn
  #wake
  #log
  /** Until when each replica's telling is paid for. */
  #evenAt

  /**
   * @param {object} around
   * @param {import('./places.mjs').Places} around.places
   * @param {import('./tally.mjs').Tally} around.tally
   * @param {import('./log.mjs').Log} around.log
   * @param {import('./pace.mjs').Flush} around.flush
   * @param {number} around.frame What a frame costs, in ms of CPU.
   * @param {number} around.turn What a flush costs beside its frames, in ms of CPU.
   * @param {(at: number, place: number) => void} around.wake Calls `tell` at that time.
   */
  constructor({ places, tally, log, flush, frame, turn, wake }) {
    this.#places = places
    this.#tally = tally
    this.#log = log
    this.#flush = flush
    this.#frame = frame
    this.#turn = turn
    this.#wake = wake
    this.#evenAt = new Float64Array(places.replicas)
  }

  /** The flush interval of a place. @param {number} place */
  interval(place) {
    return flushInterval(of(this.#places.here, place), this.#flush)
  }

  /**
   * A place hears the topic's totals.
   *
   * @param {number} place
   * @param {number} totals
   * @param {number} version
   * @param {number} now
   */
  hear(place, totals, version, now) {
    const places = this.#places
    if (version <= of(places.knownVersion, place)) return
    places.known[place] = totals
    places.knownVersion[place] = version
    if (totals === of(places.told, place) || of(places.here, place) === 0) return
    const flags = of(places.flags, place)
    if ((flags & toTell) !== 0) return
    const at = of(places.tellAt, place)
    if (at <= now) return this.tell(place, now)
    places.flags[place] = flags | toTell
    this.#wake(at, place)
  }

  /**
   * @param {number} place
   * @param {number} now
   */
  tell(place, now) {
    const places = this.#places
    places.flags[place] = of(places.flags, place) & ~toTell
    const members = of(places.here, place)
    const totals = of(places.known, place)
    if (members === 0 || totals === of(places.told, place)) return
    const [begun, done] = this.#spend(of(places.replica, place), now, members * this.#frame + this.#turn)
    const version = of(places.knownVersion, place)
    this.#log.told(place, of(places.toldVersion, place), version, begun, done, members)
    places.told[place] = totals
    places.toldVersion[place] = version
    // Who is still being told is not told of the next.
    places.tellAt[place] = Math.max(now + flushInterval(members, this.#flush), done)
    const replica = of(places.replica, place)
    add(this.#tally.frames, replica, members)
    add(this.#tally.flushes, replica, 1)
  }

  /**
   * From when until when what takes so many ms of CPU is done, at the replica's share.
   *
   * @param {number} replica
   * @param {number} now
   * @param {number} cost
   * @returns {[number, number]}
   */
  #spend(replica, now, cost) {
    const paid = of(this.#evenAt, replica)
    const begun = Math.max(now, paid - ahead)
    const even = Math.max(paid, begun) + cost / this.#flush.share
    this.#evenAt[replica] = even
    return [begun, Math.max(begun + cost, even - ahead)]
  }
}
