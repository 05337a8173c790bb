import type { CloseReason } from './closes.js'
import type { Limits } from './limits.js'

/** A socket that sends too much for so many seconds in a row is closed. */
const maxFastSeconds = 10

/** A socket that reads nothing of what waits for it for so many seconds is closed. */
const maxUnreadSeconds = 60

/** A socket whose frames arrive in one piece lets others go first after so many. */
const framesPerTurn = 16

/** What must happen to a socket at the end of a second: a ping, a close, or nothing. */
export type Verdict = 'ping' | { readonly close: CloseReason; readonly text?: string } | undefined

/**
 * What one client has sent in the current second, and for how long it has sent or read nothing. It counts ticks, not
 * time, so that a process that stood still does not take its own pause for the client's silence.
 */
export class Activity {
  #idleSeconds = 0
  #frames = 0
  #bytes = 0
  #joins = 0
  #fastSeconds = 0
  #backlog = 0
  #unreadSeconds = 0
  #mayWait = false

  constructor(readonly limits: Limits) {}

  /** The limit of which the client has sent as much as it may in one second. */
  get reached(): 'messagesPerSecond' | 'bytesPerSecond' | 'joinsPerSecond' | undefined {
    const { messagesPerSecond, bytesPerSecond, joinsPerSecond } = this.limits
    if (this.#frames >= messagesPerSecond) return 'messagesPerSecond'
    if (this.#bytes >= bytesPerSecond) return 'bytesPerSecond'
    return this.#joins >= joinsPerSecond ? 'joinsPerSecond' : undefined
  }

  /** Whether bytes may wait to be sent: none do where nothing was sent or received, and none waited before. */
  get mayWait(): boolean {
    return this.#mayWait
  }

  /** Whether others go first now. */
  get isTurnOver(): boolean {
    return this.#frames % framesPerTurn === 0
  }

  received(bytes: number): void {
    this.#idleSeconds = 0
    this.#bytes += bytes
    // The transport may have answered.
    this.#mayWait = true
  }

  frame(): void {
    this.#frames += 1
  }

  join(): void {
    this.#joins += 1
  }

  sent(): void {
    this.#mayWait = true
  }

  /**
   * Ends a second.
   * @param backlog bytes that wait to be sent.
   * @param isReading whether the server was reading: silence says nothing about the client otherwise.
   */
  tick(backlog: number, isReading: boolean): Verdict {
    const verdict = this.#tooFast() ?? this.#unread(backlog)
    this.#frames = 0
    this.#bytes = 0
    this.#joins = 0
    this.#mayWait = backlog > 0
    return verdict ?? (isReading ? this.#silent() : undefined)
  }

  #tooFast(): Verdict {
    const { messagesPerSecond, bytesPerSecond, joinsPerSecond } = this.limits
    this.#fastSeconds = this.reached ? this.#fastSeconds + 1 : 0
    if (this.#fastSeconds < maxFastSeconds) return undefined
    const most = `${messagesPerSecond} frames, ${bytesPerSecond} bytes or ${joinsPerSecond} joins`
    return { close: 'sends_too_much', text: `sends more than ${most} a second` }
  }

  /** A client that takes nothing of what waits for it is gone, or holds memory on purpose. */
  #unread(backlog: number): Verdict {
    this.#unreadSeconds = backlog > 0 && backlog >= this.#backlog ? this.#unreadSeconds + 1 : 0
    this.#backlog = backlog
    return this.#unreadSeconds < maxUnreadSeconds ? undefined : { close: 'reads_too_slowly' }
  }

  #silent(): Verdict {
    const { pingAfter, pongTimeout } = this.limits
    this.#idleSeconds += 1
    if (this.#idleSeconds === Math.ceil(pingAfter / 1000)) return 'ping'
    if (this.#idleSeconds * 1000 < pingAfter + pongTimeout) return undefined
    return { close: 'silent', text: `nothing received for ${pingAfter + pongTimeout} ms` }
  }
}
