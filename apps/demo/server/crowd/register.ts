import { applyDiff, type Counts, type Diff, decode, type Group } from '@headcount/protocol'
import type { Member, Witness } from './member.js'
import type { CrowdSize } from './size.js'

/** How a crowd is doing. */
export interface Progress {
  readonly wanted: CrowdSize
  /** Those who have joined. */
  readonly here: CrowdSize
  /** The whole counts of the topic, as a member was last told; undefined while nobody is here. */
  readonly counts: Counts<Group> | undefined
  /** Joins and leaves since the start; attempts that failed and connections that broke, and why the last one did. */
  readonly joins: number
  readonly leaves: number
  readonly failures: number
  readonly reason: string | undefined
}

/** Keeps the books of a crowd. */
export class Register implements Witness {
  readonly #here = { viewers: 0, users: 0 }
  #joins = 0
  #leaves = 0
  #failures = 0
  #reason: string | undefined
  #counts: Counts<Group> | undefined
  /** The one whose frames are read: all are told the same. */
  #reader: Member | undefined

  get here(): CrowdSize {
    return { ...this.#here }
  }

  progress(wanted: CrowdSize): Progress {
    return {
      wanted,
      here: this.here,
      counts: this.#here.viewers + this.#here.users > 0 ? this.#counts : undefined,
      joins: this.#joins,
      leaves: this.#leaves,
      failures: this.#failures,
      reason: this.#reason,
    }
  }

  arrived({ kind }: Member): void {
    this.#joins++
    this.#here[kind]++
  }

  left(member: Member): void {
    this.#leaves++
    this.#here[member.kind]--
    if (member === this.#reader) this.#reader = undefined
  }

  failed(_: Member, reason: string): void {
    this.#failures++
    this.#reason = reason
  }

  told(member: Member, frame: Buffer): void {
    this.#reader ??= member
    if (member !== this.#reader) return
    const { event, payload } = decode(2, frame.toString())
    if (event === 'presence_state') {
      this.#counts = payload as Counts<Group>
      return
    }
    const diff = payload as Diff<Group>
    this.#counts = diff.counts ?? (this.#counts && applyDiff(this.#counts, diff))
  }
}
