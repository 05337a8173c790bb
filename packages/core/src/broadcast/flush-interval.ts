/** How often a topic is broadcast, and how much time broadcasts may use. */
export interface FlushSettings {
  /** Minimum time between two flushes of a topic, in ms. */
  readonly minimum: number
  /** Maximum, in ms. */
  readonly maximum: number
  /** Maximum frames per second of one topic on this replica. */
  readonly framesPerSecond: number
  /** The share of the event loop's time that all broadcasts together may use, above 0, up to 1. */
  readonly share: number
}

export const defaultFlush: FlushSettings = { minimum: 50, maximum: 2000, framesPerSecond: 4000, share: 0.5 }

/**
 * The minimum time, in ms, between two flushes of a topic. It grows with the topic's sockets, so that their frames stay
 * within `framesPerSecond`. A topic that has been quiet for that long is flushed at once.
 */
export function flushInterval(sockets: number, settings: Omit<FlushSettings, 'share'>): number {
  const budgeted = Math.ceil((sockets * 1000) / settings.framesPerSecond)
  return Math.min(Math.max(budgeted, settings.minimum), settings.maximum)
}
