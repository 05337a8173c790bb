/**
 * A level that the count of a topic, all groups together, passes: up where the count reaches `up`, and down where it
 * has been `down` or less for `delay` ms. `down` is below `up`, so that a count between them passes no level.
 */
export interface Level {
  readonly up: number
  readonly down: number
  readonly delay: number
}

/** The state of a topic's levels: which it is above, and at what time, in ms, it will pass which of them down. */
export interface LevelState {
  readonly above: ReadonlySet<number>
  readonly due: ReadonlyMap<number, number>
}

export interface Passed {
  /** Index of the level. */
  readonly level: number
  readonly direction: 'up' | 'down'
}

export const noLevels: LevelState = { above: new Set(), due: new Map() }

/**
 * The rule of levels, applied at each change of a topic's count and when a level is due. packages/redis/lua has the
 * other copy; `levelCases` in @headcount/testing tests both.
 * @returns the next state, and the levels that were passed now, in order.
 */
export function passLevels(
  levels: readonly Level[],
  { above, due }: LevelState,
  count: number,
  now: number,
): { readonly state: LevelState; readonly passed: readonly Passed[] } {
  const next = { above: new Set(above), due: new Map(due) }
  const passed: Passed[] = []
  for (const [level, { up, down, delay }] of levels.entries()) {
    if (!next.above.has(level)) {
      if (count < up) continue
      next.above.add(level)
      passed.push({ level, direction: 'up' })
    } else if (count > down) {
      next.due.delete(level)
    } else {
      const at = next.due.get(level) ?? now + delay
      next.due.set(level, at)
      if (at > now) continue
      next.due.delete(level)
      next.above.delete(level)
      passed.push({ level, direction: 'down' })
    }
  }
  return { state: next, passed }
}
