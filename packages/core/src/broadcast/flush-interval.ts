/** How often a topic may be told, and what that may cost. */
export interface FlushSettings {
  /** Shortest time between two flushes of a topic, in ms. */
  readonly minimum: number
  /** Longest, in ms. */
  readonly maximum: number
  /** How many frames a second one topic may cost on this replica. */
  readonly framesPerSecond: number
  /** How much of this thread's time telling all topics together may take, above 0, up to 1. */
  readonly share: number
}

/**
 * The flush rule: a quiet topic is flushed at once, a busy one at most once per this many ms. The interval grows with
 * the sockets of the topic, so that telling them stays within `framesPerSecond`.
 */
export function flushInterval(sockets: number, settings: Omit<FlushSettings, 'share'>): number {
  const budgeted = Math.ceil((sockets * 1000) / settings.framesPerSecond)
  return Math.min(Math.max(budgeted, settings.minimum), settings.maximum)
}

export const defaultFlush: FlushSettings = { minimum: 50, maximum: 2000, framesPerSecond: 4000, share: 0.5 }
