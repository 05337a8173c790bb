/** Measures the time from a commit until its message arrives, which may be before the commit's answer. */
export class PublishTime {
  /** The highest version of any message. */
  #received = 0
  #awaited: { readonly version: number; readonly sentAt: number } | undefined

  /**
   * A commit made a version that is published.
   * @returns how long its message took, in ms; undefined if it has not arrived.
   */
  committed(version: number, sentAt: number, now: number): number | undefined {
    if (this.#received >= version) return now - sentAt
    // An older version than the awaited one: Redis has lost the awaited one.
    if (this.#awaited === undefined || version < this.#awaited.version) this.#awaited = { version, sentAt }
    return undefined
  }

  /** Messages may have been lost. */
  reset(): void {
    this.#awaited = undefined
  }

  /** A message has arrived. @returns how long it took, in ms; undefined if no commit waits for it. */
  received(version: number, now: number): number | undefined {
    this.#received = version
    if (this.#awaited === undefined || version < this.#awaited.version) return undefined
    const { sentAt } = this.#awaited
    this.#awaited = undefined
    return now - sentAt
  }
}
