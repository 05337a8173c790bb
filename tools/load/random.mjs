/**
 * Numbers from 0 up to 1, the same for the same seed (a 32-bit xorshift).
 *
 * @param {number} seed
 */
export function seededRandom(seed) {
  let state = Math.imul(seed, 2654435761) || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
