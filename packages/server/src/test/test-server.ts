import type { Engine, Identity } from '@headcount/core'
import {
  type CounterName,
  defaultFlush,
  type FlushSettings,
  MemoryCluster,
  type Metrics,
  noMetrics,
  personKeys,
  Replica,
  silentLogger,
  type TopicRuleOption,
  Turn,
  topicRules,
} from '@headcount/core'
import { applyDiff, type Counts, type Diff, defaultGroups, type Vsn } from '@headcount/protocol'
import { FakeClock } from '@headcount/testing'
import { defaultLimits, type Limits } from '../sockets/limits.js'
import { Socket } from '../sockets/socket.js'
import type { Authorize, Endpoint } from '../sockets/socket-context.js'
import type { Wire } from '../sockets/transport.js'
import { texts } from './texts.js'

export interface HouseOptions {
  readonly clock?: FakeClock
  readonly engine?: Engine
  readonly topics?: readonly TopicRuleOption[]
  readonly limits?: Partial<Limits>
  readonly flush?: Partial<FlushSettings>
  readonly authorize?: Authorize
  readonly settle?: number
}

/** A whole server but for the network: real sockets, channels, tracker, engine and broadcaster, on fake time. */
export class House {
  readonly clock: FakeClock
  readonly endpoint: Endpoint
  readonly replica: Replica
  readonly errors: unknown[] = []
  /** What the metrics have counted. */
  readonly counted: Partial<Record<CounterName, number>> = {}

  constructor(options: HouseOptions = {}) {
    this.clock = options.clock ?? new FakeClock()
    const turn = new Turn(this.clock, (error) => this.errors.push(error))
    const metrics: Metrics = {
      ...noMetrics,
      count: (name, by = 1) => {
        this.counted[name] = (this.counted[name] ?? 0) + by
      },
    }
    this.replica = new Replica({
      id: `replica-${Math.random()}`,
      engine: options.engine ?? new MemoryCluster().engine(),
      groups: defaultGroups,
      flush: { ...defaultFlush, ...options.flush },
      lease: 10_000,
      settle: () => options.settle ?? 0,
      clock: this.clock,
      turn,
      logger: silentLogger,
      metrics,
    })
    this.endpoint = {
      replica: this.replica,
      topics: topicRules(options.topics ?? ['*'], { unit: 'connections', settle: options.settle ?? 0 }),
      authorize: options.authorize,
      keys: personKeys('secret'),
      limits: { ...defaultLimits, ...options.limits },
      clock: this.clock,
      turn,
      metrics,
    }
  }

  static async open(options: HouseOptions = {}): Promise<House> {
    const house = new House(options)
    await house.replica.start()
    return house
  }

  client(who: Partial<Identity> = {}, vsn: Vsn = 2): FakeClient {
    return new FakeClient(this.endpoint, { userId: null, clientId: null, ...who }, vsn)
  }

  /** The committed counts: what every socket of the topic has been told. */
  async committed(topic: string): Promise<Counts> {
    const [totals] = await this.replica.read([topic])
    return counts(totals?.[0] ?? 0, totals?.[1] ?? 0)
  }
}

export function counts(users: number, viewers: number): Counts {
  return { users: { count: users }, viewers: { count: viewers } }
}

/** One frame as a client reads it, whichever version carried it. */
export interface Heard {
  readonly joinRef?: unknown
  readonly ref: unknown
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

/**
 * A client at the other end of a wire in memory, which sums as the article's reducer does: a state replaces, a diff
 * adds its joins and takes its leaves, and nothing else is looked at.
 */
export class FakeClient implements Wire {
  readonly socket: Socket
  readonly heard: Heard[] = []
  readonly sums = new Map<string, Counts>()
  /** Diffs after which the sum was negative, or not the whole counts that the diff names. */
  readonly wrongDiffs: string[] = []
  closedWith: { code: number; reason: string } | undefined
  paused = false
  writes = 0
  backlog = 0
  #stalled: Buffer[] | undefined
  #drained: (() => void)[] = []
  /** Topic -> join_ref of the join that stands: what belongs to another is passed over, as in the stock client. */
  readonly #joined = new Map<string, string>()
  #ref = 0
  /** What was sent and not read yet. */
  readonly #came: string[] = []

  constructor(
    endpoint: Endpoint,
    who: Identity,
    readonly vsn: Vsn,
  ) {
    this.socket = new Socket(endpoint, this, vsn, who, { gone: () => {} })
  }

  /** Sends one frame. Returns its ref. */
  push(topic: string, event: string, payload: unknown = {}, joinRef: string | null = null): string {
    const ref = String(++this.#ref)
    const text =
      this.vsn === 2
        ? JSON.stringify([joinRef, ref, topic, event, payload])
        : JSON.stringify({ topic, event, payload, ref, join_ref: joinRef })
    this.#came.push(text)
    this.#read()
    return ref
  }

  join(topic: string, payload: unknown = {}): string {
    const joinRef = String(this.#ref + 1)
    this.#joined.set(topic, joinRef)
    return this.push(topic, 'phx_join', payload, joinRef)
  }

  leave(topic: string): string {
    this.sums.delete(topic)
    this.#joined.delete(topic)
    return this.push(topic, 'phx_leave')
  }

  /** The connection breaks. */
  drop(): void {
    this.sums.clear()
    this.socket.closed()
  }

  /** Reads no more: what is written waits. */
  stall(): void {
    this.#stalled ??= []
  }

  /** Reads again: what waited arrives. */
  unstall(): void {
    const waited = this.#stalled ?? []
    this.#stalled = undefined
    this.backlog = 0
    for (const frames of waited) this.#hear(frames)
    const drained = this.#drained
    this.#drained = []
    for (const act of drained) act()
  }

  get stalled(): boolean {
    return this.#stalled !== undefined
  }

  events(event: string): Heard[] {
    return this.heard.filter((heard) => heard.event === event)
  }

  write(frames: Buffer): void {
    this.writes += 1
    if (this.#stalled === undefined) this.#hear(frames)
    else {
      this.#stalled.push(frames)
      this.backlog += frames.length
    }
  }

  drained(act: () => void): void {
    this.#drained.push(act)
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    this.#read()
  }

  #read(): void {
    while (!this.paused && this.#came.length > 0) {
      this.socket.took(1)
      this.socket.receive(this.#came.shift()!)
    }
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason }
  }

  #hear(frames: Buffer): void {
    for (const text of texts(frames)) {
      const frame = JSON.parse(text)
      const [joinRef, ref, topic, event, payload] = Array.isArray(frame)
        ? frame
        : [undefined, frame.ref, frame.topic, frame.event, frame.payload]
      this.heard.push({ joinRef, ref, topic, event, payload })
      const joined = this.#joined.get(topic)
      if (joined === undefined || (typeof joinRef === 'string' && joinRef !== joined)) continue
      if (event === 'presence_state') this.sums.set(topic, payload as Counts)
      if (event === 'presence_diff') {
        const { joins, leaves, counts } = payload as Diff
        const before = this.sums.get(topic)
        if (before === undefined) continue
        const after = applyDiff(before, { joins, leaves })
        this.sums.set(topic, after)
        const negative = after.users.count < 0 || after.viewers.count < 0
        if (negative || JSON.stringify(after) !== JSON.stringify(counts)) this.wrongDiffs.push(text)
      }
    }
  }
}
