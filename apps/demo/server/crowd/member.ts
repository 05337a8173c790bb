import type { Clock } from '@headcount/core'
import { decode, encodePush, type Message } from '@headcount/protocol'
import WebSocket from 'ws'
import { targetOf } from './target.js'

/** Whom a member tells. */
export interface Witness {
  arrived(member: Member): void
  left(member: Member): void
  /** It could not come, or was cut off; it tries again by itself. */
  failed(member: Member, reason: string): void
  /**
   * A frame about the topic's counts, as it came.
   * @throws {ProtocolError} where it is no frame.
   */
  told(member: Member, frame: Buffer): void
}

/** What a member shares with the others. */
export interface Home {
  readonly url: string
  readonly topic: string
  readonly clock: Clock
  readonly random: () => number
  /** Every socket that is not yet closed. */
  readonly sockets: Set<WebSocket>
  readonly witness: Witness
}

/** How long, in ms, a member waits for its socket and its join. */
const patience = 10_000
/** Half of what the server bears without a word. */
const heartbeat = 30_000
/** The longest pause between two attempts, and the first. */
const longestPause = 5_000
const firstPause = 250

/** One simulated person: one socket at a time, in one topic. Acts when its crowd says so. */
export class Member {
  state: 'away' | 'coming' | 'here' = 'away'
  /** When it is next to act, in ms of the clock. */
  dueAt: number
  readonly #home: Home
  #socket: WebSocket | undefined
  /** Each attempt has its own number, so that what a former one still hears is nothing to the next. */
  #attempt = 0
  #failures = 0
  #ref = 0
  #unanswered = false

  /** @param sign gives a token; without it the member is a viewer. */
  constructor(
    home: Home,
    readonly kind: 'viewers' | 'users',
    readonly sign: (() => string | Promise<string>) | undefined,
  ) {
    this.#home = home
    this.dueAt = home.clock.now()
  }

  /** Opens a socket and joins. */
  async come(): Promise<void> {
    const attempt = ++this.#attempt
    this.state = 'coming'
    this.dueAt = this.#home.clock.now() + patience
    try {
      const token = await this.sign?.()
      if (attempt === this.#attempt) this.#open(attempt, token)
    } catch (error) {
      this.#lost(attempt, reasonOf(error))
    }
  }

  /** Whatever falls due once it is coming or here: a heartbeat, or the end of its patience. */
  act(): void {
    if (this.state === 'coming') this.#lost(this.#attempt, 'no answer in time')
    else if (this.#unanswered) this.#lost(this.#attempt, 'no answer to a heartbeat')
    else {
      this.#unanswered = true
      this.dueAt += heartbeat
      this.#push({ joinRef: null, ref: this.#nextRef(), topic: 'phoenix', event: 'heartbeat', payload: {} })
    }
  }

  /**
   * Goes, and may come back after `pause` ms.
   * @param politely closes the socket as a page does; else as a phone does that loses its network.
   */
  leave(pause: number, politely = true): void {
    this.#away(pause)
    if (politely) this.#socket?.close(1000)
    else this.#socket?.terminate()
    this.#socket = undefined
  }

  #open(attempt: number, token: string | undefined): void {
    const { url, protocols } = targetOf(this.#home.url, token)
    const socket = new WebSocket(url, protocols, { perMessageDeflate: false })
    this.#socket = socket
    this.#home.sockets.add(socket)
    socket.on('open', () => this.#join())
    socket.on('message', (data) => this.#hear(attempt, data as Buffer))
    socket.on('error', (error) => this.#lost(attempt, reasonOf(error)))
    socket.on('close', (code) => {
      this.#home.sockets.delete(socket)
      this.#lost(attempt, `closed with ${code}`)
    })
  }

  #join(): void {
    const ref = this.#nextRef()
    this.#push({ joinRef: ref, ref, topic: this.#home.topic, event: 'phx_join', payload: {} })
  }

  #hear(attempt: number, data: Buffer): void {
    if (attempt !== this.#attempt) return
    this.#unanswered = false
    try {
      if (this.state === 'here' && isAboutCounts(data)) this.#home.witness.told(this, data)
      else this.#obey(decode(2, data.toString()))
    } catch (error) {
      this.#lost(attempt, reasonOf(error))
    }
  }

  #obey({ event, payload, topic }: Message): void {
    if (topic !== this.#home.topic) return
    if (event === 'phx_error' || event === 'phx_close') this.#lost(this.#attempt, event)
    if (event !== 'phx_reply' || this.state !== 'coming') return
    const { status, response } = payload as { status?: unknown; response?: { reason?: unknown } }
    if (status === 'ok') this.#arrive()
    else this.#lost(this.#attempt, `join refused: ${String(response?.reason)}`)
  }

  #arrive(): void {
    this.state = 'here'
    this.#failures = 0
    // Somewhere in the first half minute, so that a crowd that came at once does not beat at once.
    this.dueAt = this.#home.clock.now() + heartbeat * this.#home.random()
    this.#home.witness.arrived(this)
  }

  #lost(attempt: number, reason: string): void {
    if (attempt !== this.#attempt) return
    this.#failures++
    const pause = Math.min(longestPause, firstPause * 2 ** (this.#failures - 1))
    this.leave(pause * (0.5 + this.#home.random() / 2), false)
    this.#home.witness.failed(this, reason)
  }

  #away(pause: number): void {
    const wasHere = this.state === 'here'
    this.#attempt++
    this.#unanswered = false
    this.state = 'away'
    this.dueAt = this.#home.clock.now() + pause
    if (wasHere) this.#home.witness.left(this)
  }

  #push(message: Message): void {
    this.#socket?.send(encodePush(message))
  }

  #nextRef(): string {
    return String(++this.#ref)
  }
}

const diff = Buffer.from('"presence_diff"')
const state = Buffer.from('"presence_state"')

/** Told by the event's name alone: a crowd hears every diff once a member, and reads it once. */
function isAboutCounts(data: Buffer): boolean {
  return data.includes(diff) || data.includes(state)
}

/** What an operator can act on: `ECONNREFUSED`, or the message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code = '' } = error as NodeJS.ErrnoException
  return /^E[A-Z]+$/.test(code) ? code : error.message
}
