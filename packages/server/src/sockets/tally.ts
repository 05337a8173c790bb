import type { Metrics } from '../metrics/metrics.js'

/** What is counted for every join and every frame: plain numbers, given to the metrics once a second. */
export class Tally {
  joins = 0
  leaves = 0
  frames = 0
  bytes = 0
  diffs = 0
  states = 0
  skips = 0

  give(metrics: Metrics): void {
    metrics.count('joins', this.joins)
    metrics.count('leaves', this.leaves)
    metrics.count('frames_sent', this.frames)
    metrics.count('bytes_sent', this.bytes)
    metrics.count('diffs', this.diffs)
    metrics.count('states', this.states)
    metrics.count('slow_skips', this.skips)
    this.joins = this.leaves = this.frames = this.bytes = this.diffs = this.states = this.skips = 0
  }
}
