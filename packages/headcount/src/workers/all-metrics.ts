import type { Clock } from '@headcount/core'
import { type Exposition, lastingOf, mergeExpositions, parseExposition, writeExposition } from './exposition.js'

/** How long, in ms, a process may take to say its metrics. */
const patience = 1_000

/** The metrics of several processes as one. */
export class AllMetrics {
  readonly #clock: Clock
  /** Who is there, and what each said last. */
  readonly #sources = new Map<() => Promise<string>, Exposition>()
  #gone: Exposition = new Map()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Adds a process, which says its metrics in the Prometheus text format. Returns the undo: what it counted stays. */
  add(source: () => Promise<string>): () => void {
    this.#sources.set(source, new Map())
    return () => {
      // A counter that fell would be read as one that began anew.
      this.#gone = mergeExpositions([this.#gone, lastingOf(this.#sources.get(source) ?? new Map())])
      this.#sources.delete(source)
    }
  }

  /** All of them together. Of a process that does not answer stands what it said last. */
  async text(): Promise<string> {
    await Promise.all([...this.#sources.keys()].map((source) => this.#ask(source)))
    return writeExposition(mergeExpositions([...this.#sources.values(), this.#gone]))
  }

  async #ask(source: () => Promise<string>): Promise<void> {
    let undo = (): void => {}
    const late = new Promise<undefined>((resolve) => {
      undo = this.#clock.after(patience, () => resolve(undefined))
    })
    const text = await Promise.race([source().catch(() => undefined), late])
    undo()
    if (text !== undefined && this.#sources.has(source)) this.#sources.set(source, parseExposition(text))
  }
}
