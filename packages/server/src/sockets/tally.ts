import type { Metrics } from '../metrics/metrics.js'

/** What is counted for every frame: plain numbers, given to the metrics once a second. */
export class Tally {
  frames = 0
  bytes = 0
  diffs = 0
  states = 0
  skips = 0

  give(metrics: Metrics): void {
    metrics.count('frames_sent', this.frames)
    metrics.count('bytes_sent', this.bytes)
    metrics.count('diffs', this.diffs)
    metrics.count('states', this.states)
    metrics.count('slow_skips', this.skips)
    this.frames = this.bytes = this.diffs = this.states = this.skips = 0
  }
}
