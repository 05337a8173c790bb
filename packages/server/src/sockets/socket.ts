import { decode, encodeError, encodeOk, type Message, ProtocolError, type Ref, type Vsn } from '@headcount/protocol'
import type { Activity } from './activity.js'
import type { Channel } from './channel.js'
import type { ClientSocket } from './client-socket.js'
import { type CloseReason, closes } from './closes.js'
import { type Contact, isLost, needsPing, nextVisit } from './liveness.js'
import { handleMessage } from './messages.js'
import type { ReplyText } from './reply-reasons.js'
import type { Schedule } from './schedule.js'
import { SendQueue } from './send-queue.js'
import type { Session } from './session.js'
import { moveTo } from './sign-in.js'
import type { SocketContext } from './socket-context.js'
import type { Transport, TransportCallbacks } from './transport.js'

/** How long, in ms, a client may take to renew an expired token before it is a viewer. */
const renewalGrace = 25_000

/** A longer message lets other clients go first, in characters: an honest one has less. */
const longMessage = 1024

/** Highest close code with a label of its own in the metrics: those above are the client's choice. */
const maxStandardCode = 2999

const none: readonly Channel[] = []

/** The properties of a socket that its request determines. */
export type Opening = Pick<ClientSocket, 'vsn' | 'session' | 'address'>

/** One client connection: reads Phoenix messages, enforces the limits, and closes the connection of a lost client. */
export class Socket implements ClientSocket, TransportCallbacks, Contact {
  readonly vsn: Vsn
  session: Session
  readonly address: string | null
  readonly queue: SendQueue
  receivedIn: number
  pingedIn: number
  readonly #schedule: Schedule<Socket>
  /** Its place in the schedule. */
  #due: Set<Socket>
  #isOpen = true
  /** A list, because clients have few channels and a map is larger. */
  channels = none
  /** How many reasons there are not to read: an awaited answer, replies that wait to be read, an end that is near. */
  #holds = 0
  #connectionId: string | undefined
  /** When the token has expired, by the clock; undefined for none. A number takes more memory. */
  #expiresAt: number | undefined

  /** @param schedule the open sockets: it adds itself, and removes itself when it closes. */
  constructor(
    readonly context: SocketContext,
    readonly transport: Transport,
    { vsn, session, address }: Opening,
    schedule: Schedule<Socket>,
  ) {
    this.vsn = vsn
    this.session = session
    this.address = address
    this.queue = new SendQueue(this)
    this.#expiresAt = this.#expiryOf(session)
    this.#schedule = schedule
    this.receivedIn = schedule.second
    this.pingedIn = schedule.second
    this.#due = schedule.add(this, this.#nextVisit)
  }

  connectionId(): string {
    this.#connectionId ??= this.context.replica.newConnectionId()
    return this.#connectionId
  }

  received(bytes: number): void {
    this.receivedIn = this.#schedule.second
    const { activity } = this
    activity.received(bytes)
    if (activity.reached) this.transport.pause()
    // The transport may have answered what came before, and the answer may wait.
    this.sent()
  }

  frame(): void {
    const { activity } = this
    activity.frame()
    if (activity.reached) this.transport.pause()
    else if (activity.isTurnOver) this.#yield()
  }

  pauseAtLimit(): void {
    if (this.activity.reached) this.transport.pause()
  }

  sent(): void {
    if (this.transport.backlog > 0) this.activity.mustVisit = true
  }

  get activity(): Activity {
    return this.#schedule.activityOf(this)
  }

  /** Never throws: a message that is not a Phoenix message closes the socket. */
  message(data: string | Uint8Array): void {
    if (!this.#isOpen) return
    if (data.length > longMessage) this.#yield()
    let message: Message
    try {
      message = decode(this.vsn, data)
    } catch (error) {
      if (error instanceof ProtocolError) this.close(error.code, error.message)
      else this.close('not_a_frame')
      return
    }
    handleMessage(this, message)
    // Each message may add a reply.
    if (this.transport.backlog <= this.context.limits.backlogBytes) return
    this.#hold()
    this.transport.onceDrained(() => this.#release())
  }

  /**
   * Ends a second: a socket that sent too much is read again or closed, as is one that reads nothing.
   * @returns how many bytes wait to be sent.
   */
  endSecond(activity: Activity): number {
    if (!this.#isOpen) return 0
    const { backlog } = this.transport
    const isReading = this.#holds === 0
    const { reached } = activity
    const offence = activity.endSecond(backlog)
    // Nothing was read, at least for a part of the second: that is no silence of the client.
    if (!isReading || reached) {
      this.receivedIn += 1
      this.pingedIn += 1
    }
    if (!isReading || !activity.isOver) this.#schedule.keep(this, activity)
    activity.mustVisit = true
    if (reached) this.context.metrics.count('limited', 1, reached)
    if (offence !== undefined) this.close(offence.why, offence.text)
    // Not now: all that sent too much go on in the same second.
    else if (reached) this.context.work.add(() => this.#resume())
    return backlog
  }

  /** Does what is due, and plans the next visit. @param due the time of the clock at which the second was to end. */
  visit(due: number): void {
    const { limits } = this.context
    const { second } = this.#schedule
    if (this.#isExpired(due)) this.#expire()
    if (isLost(this, limits, second))
      this.close('silent', `nothing received for ${limits.pingAfter + limits.pongTimeout} ms`)
    else if (this.#holds === 0 && needsPing(this, limits, second)) this.#ping()
    this.#plan()
  }

  #plan(): void {
    if (this.#isOpen) this.#due = this.#schedule.move(this, this.#due, this.#nextVisit)
  }

  get #nextVisit(): number {
    const { clock, limits } = this.context
    const expiry = this.#expiresAt === undefined ? Number.POSITIVE_INFINITY : this.#expiresAt - clock.now()
    return nextVisit(this, limits, this.#schedule.second, expiry)
  }

  #ping(): void {
    this.pingedIn = this.#schedule.second
    this.transport.ping()
    this.sent()
  }

  #expiryOf({ expiresIn }: Session): number | undefined {
    if (expiresIn === undefined) return undefined
    return this.context.clock.now() + expiresIn + (this.context.expiredToken() === 'viewer' ? renewalGrace : 0)
  }

  #isExpired(now: number): boolean {
    return this.#expiresAt !== undefined && now >= this.#expiresAt
  }

  #expire(): void {
    if (this.context.expiredToken() === 'close') this.close('token_expired')
    else if (this.#holds === 0) void moveTo(this, { userId: null, clientId: this.session.clientId })
  }

  changeSession(session: Session): void {
    this.session = session
    this.#expiresAt = this.#expiryOf(session)
    this.#plan()
  }

  /** Closes the connection. What is queued is sent before. */
  close(why: CloseReason, text: string = closes[why][1]): void {
    if (!this.#isOpen) return
    const [code] = closes[why]
    this.context.metrics.count('server_closes', 1, why)
    this.closed(code)
    this.transport.close(code, text)
  }

  /** Gives up its presences, and reads nothing more: it is about to be closed. */
  removePresences(): void {
    this.#hold()
    for (const channel of this.channels) channel.leave()
    this.channels = none
  }

  closed(code: number): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.queue.finish()
    for (const channel of this.channels) channel.leave()
    this.channels = none
    this.#schedule.remove(this, this.#due)
    this.context.metrics.count('closes', 1, code > maxStandardCode ? 'other' : String(code))
  }

  reply(joinRef: Ref, { ref, topic }: Message, reason?: ReplyText): void {
    if (reason === undefined) this.queue.send(encodeOk(this.vsn, joinRef, ref, topic))
    else {
      this.context.metrics.count('refused', 1, reason.split(':')[0])
      this.queue.send(encodeError(this.vsn, joinRef, ref, topic, reason))
    }
  }

  remove(channel: Channel): void {
    this.channels = this.channels.filter((each) => each !== channel)
  }

  /** Reads nothing more until `#release`, and until as many of them as there were holds. */
  #hold(): void {
    this.#holds += 1
    this.activity.mustVisit = true
    this.transport.pause()
  }

  #release(): void {
    this.#holds -= 1
    // A client that is never idle does not keep what its token allowed.
    if (this.#isOpen && this.#holds === 0 && this.#isExpired(this.context.clock.now())) this.#expire()
    this.#resume()
  }

  /** Reads on when it is its turn. */
  #yield(): void {
    this.#hold()
    this.context.work.add(() => this.#release())
  }

  #resume(): void {
    // A closed socket must not get an activity again: that would keep it until the second ends.
    const isOverLimit = this.#isOpen && this.activity.reached !== undefined
    if (this.#holds === 0 && !isOverLimit) this.transport.resume()
  }

  async await<T>(answer: Promise<T>, next: (answer: T) => void): Promise<void> {
    this.#hold()
    const result = await answer
    if (this.#isOpen) next(result)
    this.context.work.add(() => this.#release())
  }
}
