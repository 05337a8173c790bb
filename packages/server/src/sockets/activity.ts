import type { CloseReason } from './closes.js'
import type { Limits } from './limits.js'

/** The number of consecutive seconds of flooding after which a socket is closed. */
const maxFastSeconds = 10

/** The number of seconds without reading its backlog after which a socket is closed. */
const maxUnreadSeconds = 60

/** The number of frames in one chunk after which a socket lets others go first. */
const framesPerTurn = 16

/** Why a socket must be closed. */
export interface Offence {
  readonly why: CloseReason
  readonly text?: string
}

/**
 * The traffic of one client in the current second, and for how many seconds it has sent too much, or read nothing. It
 * is kept beyond its second only for a client that needs it.
 */
export class Activity {
  readonly #limits: Limits
  #frames = 0
  #bytes = 0
  #joins = 0
  #tokens = 0
  #fastSeconds = 0
  #backlog = 0
  #unreadSeconds = 0
  /** Reading is paused, or bytes may be unsent: its socket is visited when the second ends. */
  mustVisit = false

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** The limit per second that the client has reached. */
  get reached(): 'messagesPerSecond' | 'bytesPerSecond' | 'joinsPerSecond' | 'tokensPerSecond' | undefined {
    const { messagesPerSecond, bytesPerSecond, joinsPerSecond, tokensPerSecond } = this.#limits
    if (this.#frames >= messagesPerSecond) return 'messagesPerSecond'
    if (this.#bytes >= bytesPerSecond) return 'bytesPerSecond'
    if (this.#joins >= joinsPerSecond) return 'joinsPerSecond'
    return this.#tokens >= tokensPerSecond ? 'tokensPerSecond' : undefined
  }

  /** Whether other sockets go first now. */
  get isTurnOver(): boolean {
    return this.#frames % framesPerTurn === 0
  }

  /** Whether it can be discarded when the second ends, as for most clients. */
  get isHarmless(): boolean {
    return !this.mustVisit && this.reached === undefined
  }

  /** Whether nothing of it is carried over to the next second. */
  get isOver(): boolean {
    return this.#fastSeconds === 0 && this.#backlog === 0
  }

  received(bytes: number): void {
    this.#bytes += bytes
  }

  frame(): void {
    this.#frames += 1
  }

  join(): void {
    this.#joins += 1
  }

  token(): void {
    this.#tokens += 1
  }

  /** Ends a second. @param backlog unsent bytes. */
  endSecond(backlog: number): Offence | undefined {
    const offence = this.#tooFast() ?? this.#unread(backlog)
    this.#frames = 0
    this.#bytes = 0
    this.#joins = 0
    this.#tokens = 0
    return offence
  }

  #tooFast(): Offence | undefined {
    const { messagesPerSecond, bytesPerSecond, joinsPerSecond, tokensPerSecond } = this.#limits
    this.#fastSeconds = this.reached ? this.#fastSeconds + 1 : 0
    if (this.#fastSeconds < maxFastSeconds) return undefined
    const most = [`${messagesPerSecond} frames`, `${bytesPerSecond} bytes`, `${joinsPerSecond} joins`]
    return { why: 'sends_too_much', text: `sends more than ${most.join(', ')} or ${tokensPerSecond} tokens a second` }
  }

  /** A client that does not read its backlog has vanished, or wastes memory on purpose. */
  #unread(backlog: number): Offence | undefined {
    this.#unreadSeconds = backlog > 0 && backlog >= this.#backlog ? this.#unreadSeconds + 1 : 0
    this.#backlog = backlog
    return this.#unreadSeconds < maxUnreadSeconds ? undefined : { why: 'reads_too_slowly' }
  }
}
