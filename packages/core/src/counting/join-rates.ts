import type { Topic } from '../engine/engine.js'

/** The weighted joins of a topic. `error` is how much of the weight may belong to a topic that was displaced. */
interface Counter {
  topic: Topic
  weight: number
  error: number
  index: number
}

/** Bounds of the joins per second of one topic. */
export interface JoinRate {
  readonly topic: Topic
  readonly atLeast: number
  readonly atMost: number
}

/** The time, in ms, after which a join counts 1/e of its weight. */
const timeConstant = 60_000
/** Weights grow with time instead of decaying. All are divided before they overflow a number. */
const maxExponent = 100

/**
 * The topics with the most joins of the last minute, in bounded memory: the Space-Saving algorithm of Metwally, Agrawal
 * and El Abbadi (2005), with weights that decay. A topic with more than 1/`size` of all joins is always among them.
 */
export class JoinRates {
  readonly #byTopic = new Map<Topic, Counter>()
  /** A binary heap: the smallest weight is the first. */
  readonly #heap: Counter[] = []
  #origin = 0

  /** @param size how many topics are kept. */
  constructor(readonly size: number) {}

  /** Adds joins at a time, in ms, that must not go backwards. */
  add(topic: Topic, joins: number, now: number): void {
    if (this.#exponent(now) > maxExponent) this.#rebase(now)
    const weight = joins * Math.exp(this.#exponent(now))
    const known = this.#byTopic.get(topic)
    if (known !== undefined) {
      known.weight += weight
      this.#sink(known)
    } else if (this.#heap.length < this.size) {
      const counter = { topic, weight, error: 0, index: this.#heap.length }
      this.#heap.push(counter)
      this.#byTopic.set(topic, counter)
      this.#rise(counter)
    } else this.#displace(topic, weight)
  }

  /** The topics that are kept, in no particular order. */
  at(now: number): JoinRate[] {
    return this.#heap.map((counter) => this.#rate(counter, now))
  }

  /** A lower bound of the joins per second of one topic. */
  of(topic: Topic, now: number): number {
    const counter = this.#byTopic.get(topic)
    return counter === undefined ? 0 : this.#rate(counter, now).atLeast
  }

  /** An upper bound of the joins per second of a topic that is not kept. */
  atMostOfOthers(now: number): number {
    return this.#heap.length < this.size ? 0 : this.#rate(this.#heap[0]!, now).atMost
  }

  #exponent(now: number): number {
    return (now - this.#origin) / timeConstant
  }

  #rate({ topic, weight, error }: Counter, now: number): JoinRate {
    const scale = (Math.exp(-this.#exponent(now)) * 1000) / timeConstant
    return { topic, atLeast: (weight - error) * scale, atMost: weight * scale }
  }

  #rebase(now: number): void {
    const scale = Math.exp(-this.#exponent(now))
    for (const counter of this.#heap) {
      counter.weight *= scale
      counter.error *= scale
    }
    this.#origin = now
  }

  #displace(topic: Topic, weight: number): void {
    const smallest = this.#heap[0]!
    this.#byTopic.delete(smallest.topic)
    this.#byTopic.set(topic, smallest)
    smallest.topic = topic
    smallest.error = smallest.weight
    smallest.weight += weight
    this.#sink(smallest)
  }

  #sink(counter: Counter): void {
    for (;;) {
      const left = this.#heap[2 * counter.index + 1]
      const right = this.#heap[2 * counter.index + 2]
      const smaller = right !== undefined && right.weight < left!.weight ? right : left
      if (smaller === undefined || smaller.weight >= counter.weight) return
      this.#swap(counter, smaller)
    }
  }

  #rise(counter: Counter): void {
    while (counter.index > 0) {
      const parent = this.#heap[(counter.index - 1) >> 1]!
      if (parent.weight <= counter.weight) return
      this.#swap(counter, parent)
    }
  }

  #swap(a: Counter, b: Counter): void {
    ;[a.index, b.index] = [b.index, a.index]
    this.#heap[a.index] = a
    this.#heap[b.index] = b
  }
}
