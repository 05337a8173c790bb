/**
 * Numbers from 0 to 1, the same for the same seed (mulberry32).
 *
 * @param {number} seed
 */
export function random(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * How many people are in each topic where the k-th largest has 1/k of the largest (Zipf), and nobody is left out.
 *
 * @param {number} people
 * @param {number} topics
 */
export function zipf(people, topics) {
  let whole = 0
  for (let k = 1; k <= topics; k++) whole += 1 / k
  const sizes = new Int32Array(topics)
  let placed = 0
  let due = 0
  for (let k = 1; k <= topics; k++) {
    due += people / k / whole
    sizes[k - 1] = Math.round(due) - placed
    placed = Math.round(due)
  }
  return sizes
}

/**
 * The same number in each topic, as near as can be.
 *
 * @param {number} people
 * @param {number} topics
 */
export function even(people, topics) {
  return Int32Array.from(
    { length: topics },
    (_, i) => Math.floor(((i + 1) * people) / topics) - Math.floor((i * people) / topics),
  )
}
