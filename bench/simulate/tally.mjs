import { Waits } from './waits.mjs'

/** A topic of so many at most is small, and counted apart. */
export const calmSize = 1000

/** What happened since `reset`: in all, and on each replica, and in each slot of Redis. */
export class Tally {
  from = 0
  /** How long changes took to be shown, to each who was shown them; and of those of topics of at most `calmSize`. */
  waits = new Waits()
  calm = new Waits()
  /** Commands: commits, publishings that were held back, subscribing and reading of a new topic, and leaving it. */
  commits = 0
  publishes = 0
  watches = 0
  unwatches = 0
  /** Topics that commits named, those named again for want of news not among them. */
  said = 0
  /** Messages: as published, and as delivered to replicas. */
  published = 0

  /**
   * @param {number} replicas
   * @param {number} slots
   */
  constructor(replicas, slots) {
    this.joins = new Float64Array(replicas)
    this.leaves = new Float64Array(replicas)
    /** Diffs told to sockets, and how often a topic was told. */
    this.frames = new Float64Array(replicas)
    this.flushes = new Float64Array(replicas)
    this.sent = new Float64Array(replicas)
    this.named = new Float64Array(replicas)
    this.heard = new Float64Array(replicas)
    this.watched = new Float64Array(replicas)
    /** Of each slot: commits, publishings, topics named in them, messages delivered, topics watched. */
    this.slotCommits = new Float64Array(slots)
    this.slotPublishes = new Float64Array(slots)
    this.slotNamed = new Float64Array(slots)
    this.slotDelivered = new Float64Array(slots)
    this.slotWatched = new Float64Array(slots)
  }

  /** Counts from now on. @param {number} now */
  reset(now) {
    this.from = now
    this.waits = new Waits()
    this.calm = new Waits()
    this.commits = 0
    this.publishes = 0
    this.watches = 0
    this.unwatches = 0
    this.said = 0
    this.published = 0
    for (const column of Object.values(this)) if (column instanceof Float64Array) column.fill(0)
  }
}

/** @param {Float64Array} column */
export function sum(column) {
  return column.reduce((whole, one) => whole + one, 0)
}
