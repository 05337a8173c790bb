import type { Totals } from '@headcount/protocol'

/** How a replica derives the counts that it shows of a topic, step by step. All times are in ms. */
export interface TopicView {
  /** The totals that the engine reported last. */
  readonly known: Totals
  /** The same after the settle rule. */
  readonly settled: Totals
  /** The same after the shield. */
  readonly shown: Totals
  /** The totals that subscribers were sent last, or are being sent. */
  readonly sent: Totals
  /** How long a decrease waits. */
  readonly settle: number
  /** The time until the settle rule shows less, unless counts rise; null if it delays no decrease. */
  readonly settlesIn: number | null
  /** The smallest count that is shown as a number, and the step of those above it; 0 shows all. */
  readonly shield: number
  readonly subscribers: number
  /** Those of them that are skipping diffs, because they read too slowly. */
  readonly slow: number
  /** The newest broadcast: how long ago it began, and how many subscribers there were; null before the first. */
  readonly lastFlush: { readonly ago: number; readonly subscribers: number } | null
}
