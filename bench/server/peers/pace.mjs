/** Frames a second that one room may cost: Headcount's own default, so that both coalesce alike. */
const framesPerSecond = Number(process.env.BENCH_FRAMES_PER_SECOND ?? 4000)

/**
 * Headcount's flush rule for a peer that coalesces: a quiet room is told at once, a busy one at most once an interval that grows
 * with its members.
 */
export class Paced {
  /** @type {Map<string, { again: boolean }>} */
  #busy = new Map()
  #tell
  #size

  /**
   * @param {(room: string) => void} tell
   * @param {(room: string) => number} size
   */
  constructor(tell, size) {
    this.#tell = tell
    this.#size = size
  }

  /** @param {string} room */
  moved(room) {
    const busy = this.#busy.get(room)
    if (busy !== undefined) busy.again = true
    else this.#flush(room)
  }

  /** @param {string} room */
  #flush(room) {
    const state = { again: false }
    this.#busy.set(room, state)
    this.#tell(room)
    const interval = Math.min(Math.max(Math.ceil((this.#size(room) * 1000) / framesPerSecond), 50), 2000)
    setTimeout(() => {
      this.#busy.delete(room)
      if (state.again) this.#flush(room)
    }, interval)
  }
}
