import type { Clock } from '@headcount/core'
import { AggregatorRegistry } from 'prom-client'

/** The metrics of one process, from `getMetricsAsJSON` of prom-client. */
export type Snapshot = object[]

/** Timeout, in ms, for the metrics of a process. After it the last ones are used. */
const timeout = 1_000

/** The metrics of several processes as one. prom-client merges each metric by its sum, mean, minimum or maximum. */
export class ClusterMetrics {
  /** The running processes, each with its last metrics. */
  readonly #sources = new Map<() => Promise<Snapshot>, Snapshot>()
  /** The counters of processes that have exited: a counter must not decrease. */
  readonly #exited: Snapshot[] = []

  constructor(private readonly clock: Clock) {}

  /** Adds a process. Returns a function that removes it when it has exited. */
  add(source: () => Promise<Snapshot>): () => void {
    this.#sources.set(source, [])
    return () => {
      const last = this.#sources.get(source) ?? []
      this.#sources.delete(source)
      this.#exited.push(last.filter((metric) => 'type' in metric && metric.type !== 'gauge'))
    }
  }

  async text(): Promise<string> {
    await Promise.all([...this.#sources.keys()].map((source) => this.#refresh(source)))
    const exited = this.#exited.splice(0)
    if (exited.length > 0) this.#exited.push(await AggregatorRegistry.aggregate(exited).getMetricsAsJSON())
    return AggregatorRegistry.aggregate([...this.#sources.values(), ...this.#exited]).metrics()
  }

  async #refresh(source: () => Promise<Snapshot>): Promise<void> {
    let cancel = (): void => {}
    const late = new Promise<undefined>((resolve) => {
      cancel = this.clock.after(timeout, () => resolve(undefined))
    })
    const snapshot = await Promise.race([source().catch(() => undefined), late])
    cancel()
    if (snapshot !== undefined && this.#sources.has(source)) this.#sources.set(source, snapshot)
  }
}
