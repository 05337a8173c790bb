import { pause, type Random } from '@headcount/testing'
import type { Fleet } from './fleet.js'

/** Pauses between two acts, in ms, are up to twice this. */
const every = 25

/**
 * Lets clients of a fleet come to these servers and go, at random, about forty times a second, and keeps their number
 * about where it was. Returns what ends it, which resolves when the last act is done.
 */
export function churn(fleet: Fleet, urls: () => readonly string[], dice: Random): () => Promise<void> {
  const size = fleet.open.length
  let over = false
  const run = async () => {
    while (!over) {
      await pause(dice.below(2 * every))
      const open = fleet.open
      if (open.length > size || (open.length > size / 2 && dice.chance(0.5))) {
        fleet.part(dice.of(open), dice.chance(0.5))
      } else await fleet.join(dice.of(urls()), 1)
    }
  }
  const running = run()
  return () => {
    over = true
    return running
  }
}
