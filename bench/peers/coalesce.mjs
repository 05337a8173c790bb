/** Headcount's own default, so that peers coalesce alike. */
const framesPerSecond = Number(process.env.BENCH_FRAMES_PER_SECOND ?? 4000)

/**
 * Headcount's flush rule: a quiet room is flushed at once, a busy one once per interval that grows with its members.
 * @param {(room: string) => void} flush
 * @param {(room: string) => number} size
 * @returns {(room: string) => void} to be called when a room has changed.
 */
export function coalesced(flush, size) {
  /** Rooms whose interval is not over, and whether they have changed since. @type {Map<string, boolean>} */
  const busy = new Map()
  /** @param {string} room */
  const changed = (room) => {
    if (busy.has(room)) return void busy.set(room, true)
    busy.set(room, false)
    flush(room)
    const interval = Math.min(Math.max(Math.ceil((size(room) * 1000) / framesPerSecond), 50), 2000)
    setTimeout(() => {
      const again = busy.get(room)
      busy.delete(room)
      if (again) changed(room)
    }, interval)
  }
  return changed
}
