import { of } from './columns.mjs'
import { calmSize } from './tally.mjs'

/** Into how many parts those are put who are told one after another. */
const parts = 4
/** How long, in ms, a change is remembered: by then everybody has been told. */
const memory = 10_000

/** When changes were made, of some, until those who are there have been told of them. */
export class Log {
  /** @type {Map<number, { versions: number[], times: number[] }>} By topic. */
  #topics = new Map()
  /** @type {Map<number, number[]>} By place: what was not said yet. */
  #unsaid = new Map()
  #places
  #tally

  /**
   * @param {import('./places.mjs').Places} places
   * @param {import('./tally.mjs').Tally} tally
   */
  constructor(places, tally) {
    this.#places = places
    this.#tally = tally
  }

  /** A change that is to be followed. @param {number} place @param {number} now */
  changed(place, now) {
    const times = this.#unsaid.get(place)
    if (times === undefined) this.#unsaid.set(place, [now])
    else times.push(now)
  }

  /**
   * What moved at a place is part of the topic's version from now on.
   *
   * @param {number} place
   * @param {number} version
   */
  said(place, version) {
    const times = this.#unsaid.get(place)
    if (times === undefined) return
    this.#unsaid.delete(place)
    const topic = of(this.#places.topic, place)
    const log = this.#topics.get(topic) ?? { versions: [], times: [] }
    this.#topics.set(topic, log)
    for (const time of times) {
      log.versions.push(version)
      log.times.push(time)
    }
    const [first, last] = [log.times[0] ?? 0, log.times.at(-1) ?? 0]
    if (last - first < 2 * memory) return
    const old = log.times.findIndex((time) => time > last - memory)
    log.versions.splice(0, old)
    log.times.splice(0, old)
  }

  /**
   * Members were told what moved after one version up to another, the first of them at `begun` and the last at `done`.
   *
   * @param {number} place
   * @param {number} after
   * @param {number} upTo
   * @param {number} begun
   * @param {number} done
   * @param {number} members
   */
  told(place, after, upTo, begun, done, members) {
    const log = this.#topics.get(of(this.#places.topic, place))
    if (log === undefined) return
    const { versions, times } = log
    const small = of(this.#places.known, place) <= calmSize
    const pieces = done - begun > 2 ? parts : 1
    for (let i = versions.length - 1; i >= 0 && (versions[i] ?? 0) > after; i--) {
      if ((versions[i] ?? 0) > upTo) continue
      for (let part = 0; part < pieces; part++) {
        const at = begun + ((done - begun) * (part + 0.5)) / pieces
        const wait = at - (times[i] ?? 0)
        this.#tally.waits.add(wait, members / pieces)
        if (small) this.#tally.calm.add(wait, members / pieces)
      }
    }
  }
}
