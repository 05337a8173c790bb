import { of } from './columns.mjs'

/** From how many replicas on a topic has a table of them, in place of a list that is searched. */
const listed = 32

/**
 * Who is where, as numbers alone: a place is one topic on one replica, and holds how many are there and what they were told.
 * Ten million people are as many places as there are topics on replicas, and no object.
 */
export class Places {
  count = 0
  /** @type {Map<number, Int32Array>} */
  #tables = new Map()

  /**
   * @param {number} topics
   * @param {number} replicas
   * @param {number} most How many places there will be at most.
   */
  constructor(topics, replicas, most) {
    this.replicas = replicas
    this.most = Math.min(most, topics * replicas)
    /** Of each topic: its first place, or -1, and on how many replicas it is. */
    this.first = new Int32Array(topics).fill(-1)
    this.span = new Uint16Array(topics)
    /** Of each place: the next of its topic, or -1. */
    this.next = new Int32Array(this.most)
    this.topic = new Int32Array(this.most)
    this.replica = new Uint16Array(this.most)
    this.here = new Int32Array(this.most)
    /** What has moved here and was not said to the cluster yet. */
    this.moved = new Int32Array(this.most)
    /** 1: among those whose change is to be said. 2: waits to be told. */
    this.flags = new Uint8Array(this.most)
    /** The totals, and which of the topic's versions, that are known here, and that the members were told. */
    this.known = new Int32Array(this.most)
    this.told = new Int32Array(this.most)
    this.knownVersion = new Int32Array(this.most)
    this.toldVersion = new Int32Array(this.most)
    /** From when on the members may be told again, in ms. */
    this.tellAt = new Float64Array(this.most)
  }

  /**
   * The place of a topic on a replica, made if need be.
   *
   * @param {number} topic
   * @param {number} replica
   */
  at(topic, replica) {
    const table = this.#tables.get(topic)
    let place = -1
    if (table !== undefined) place = of(table, replica)
    else for (place = this.#first(topic); place >= 0 && this.replica[place] !== replica; ) place = this.after(place)
    return place >= 0 ? place : this.#make(topic, replica, table)
  }

  /** The next place of the same topic, or -1. @param {number} place */
  after(place) {
    return of(this.next, place)
  }

  /** @param {number} topic */
  #first(topic) {
    return of(this.first, topic)
  }

  /**
   * @param {number} topic
   * @param {number} replica
   * @param {Int32Array | undefined} table
   */
  #make(topic, replica, table) {
    if (this.count === this.most) throw new Error(`expected at most ${this.most} places, got one more`)
    const place = this.count++
    this.topic[place] = topic
    this.replica[place] = replica
    this.next[place] = this.#first(topic)
    this.first[topic] = place
    const span = of(this.span, topic) + 1
    this.span[topic] = span
    if (table !== undefined) table[replica] = place
    else if (span > listed) this.#tabulate(topic)
    return place
  }

  /** @param {number} topic */
  #tabulate(topic) {
    const table = new Int32Array(this.replicas).fill(-1)
    for (let place = this.#first(topic); place >= 0; place = this.after(place)) {
      table[of(this.replica, place)] = place
    }
    this.#tables.set(topic, table)
  }
}
