import { of } from './columns.mjs'

/** Which version of each topic was published last and when, and when somebody has promised to publish: lua/topic.lua, `publish`. */
export class Gate {
  #version
  #at
  #promised
  #gated

  /** @param {number} topics @param {boolean} gated */
  constructor(topics, gated) {
    this.#gated = gated
    this.#version = new Int32Array(topics).fill(1)
    this.#at = new Float64Array(topics).fill(Number.NEGATIVE_INFINITY)
    this.#promised = new Float64Array(topics)
  }

  /** The version that was published last. @param {number} topic */
  version(topic) {
    return of(this.#version, topic)
  }

  /** Whoever promised to publish is about to. @param {number} topic */
  kept(topic) {
    this.#promised[topic] = 0
  }

  /**
   * 0: publish it now. -1: nothing is to be done. Else when the asker, who promises it hereby, is to publish it.
   *
   * @param {number} topic
   * @param {number} version
   * @param {number} interval
   * @param {number} time
   */
  ask(topic, version, interval, time) {
    if (of(this.#version, topic) === version) return -1
    // Redis's clock is of whole ms.
    const now = this.#gated ? Math.floor(time) : time
    const due = of(this.#at, topic) + interval
    if (!this.#gated || now >= due) {
      this.#at[topic] = now
      this.#version[topic] = version
      this.#promised[topic] = 0
      return 0
    }
    const promised = of(this.#promised, topic)
    if (promised !== 0 && promised <= due && promised > now) return -1
    this.#promised[topic] = due
    return due
  }
}
