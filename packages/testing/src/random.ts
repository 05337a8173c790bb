/** Numbers that only look random: the same seed, the same numbers. */
export interface Random {
  /** From 0 up to, but not, 1. */
  next(): number
  /** A whole number from 0 up to, but not, `end`. */
  below(end: number): number
  /** True so many times in one. */
  chance(share: number): boolean
  /** One of these. */
  of<T>(things: readonly T[]): T
}

/** Mulberry32: 32 bits of state, good enough to pick schedules. */
export function random(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return {
    next,
    below,
    chance: (share) => next() < share,
    of: (things) => things[below(things.length)]!,
  }
}
