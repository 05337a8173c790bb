import {
  type CounterName,
  type DurationName,
  defaultFlush,
  type Engine,
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
import { type Counts, defaultGroups, toCounts, type Vsn } from '@headcount/protocol'
import { FakeClock } from '@headcount/testing'
import { Reports } from '../operator/reports.js'
import { Access, type Authorize } from '../sockets/access.js'
import { AddressLimit } from '../sockets/address-limit.js'
import { Admission } from '../sockets/admission.js'
import { defaultLimits, type Limits } from '../sockets/limits.js'
import { PresenceLimits } from '../sockets/presence-limits.js'
import type { Authenticate, Session } from '../sockets/session.js'
import type { SocketContext } from '../sockets/socket-context.js'
import { Sockets } from '../sockets/sockets.js'
import { WorkQueue } from '../work-queue.js'
import { FakeClient } from './fake-client.js'

export interface TestServerOptions {
  readonly id?: string
  readonly clock?: FakeClock
  readonly engine?: Engine
  readonly topics?: readonly TopicRuleOption[]
  readonly limits?: Partial<Limits>
  readonly flush?: Partial<FlushSettings>
  readonly authorize?: Authorize
  readonly authenticate?: Authenticate
  readonly expiredToken?: 'viewer' | 'close'
  readonly shieldTick?: number
}

/** A server without a network, on fake time: real sockets, channels, counting, engine and broadcast. */
export class TestServer {
  readonly clock: FakeClock
  readonly replica: Replica
  readonly sockets: Sockets
  readonly reports: Reports
  /** Errors of callbacks of a turn. */
  readonly errors: unknown[] = []
  /** The counters of the metrics without labels, and the labels of each. */
  readonly counted: Partial<Record<CounterName, number>> = {}
  readonly labels: Partial<Record<CounterName, string[]>> = {}
  /** The seconds of every duration. */
  readonly observed: Partial<Record<DurationName, number[]>> = {}
  /** The used share of the memory. */
  memory = 0
  freeFiles = (): number => Number.POSITIVE_INFINITY

  private constructor(options: TestServerOptions) {
    const clock = options.clock ?? new FakeClock()
    const turn = new Turn(clock, (error) => this.errors.push(error))
    const topics = topicRules(options.topics ?? ['*'], { unit: 'connections', settle: 0 })
    const metrics: Metrics = {
      ...noMetrics,
      count: (name, by = 1, label) => {
        this.counted[name] = (this.counted[name] ?? 0) + by
        if (label !== undefined) this.labels[name] = [...(this.labels[name] ?? []), label]
      },
      observe: (name, seconds) => {
        this.observed[name] = [...(this.observed[name] ?? []), seconds]
      },
    }
    this.clock = clock
    const id = options.id ?? `replica-${Math.random()}`
    const engine = options.engine ?? new MemoryCluster(clock).engine()
    this.replica = new Replica({
      ...{ id, engine, groups: defaultGroups },
      flush: { ...defaultFlush, ...options.flush },
      lease: 10_000,
      display: (topic) => topics.match(topic) ?? { settle: 0, shield: 0 },
      shieldTick: options.shieldTick ?? 10_000,
      clock,
      turn,
      logger: silentLogger,
      metrics,
    })
    const limits = { ...defaultLimits, ...options.limits }
    const context: SocketContext = {
      replica: this.replica,
      topics,
      access: new Access(topics, clock, options.authorize),
      authenticate: options.authenticate ?? (async () => ({ kind: 'invalid', reason: 'no_keys', refuse: false })),
      expiredToken: () => options.expiredToken ?? 'viewer',
      keys: personKeys('secret'),
      admission: new Admission({
        ...{ limits, clock, memory: () => this.memory, freeFiles: () => this.freeFiles() },
        joinedTopics: () => this.replica.watched.joined,
        refused: () => {},
      }),
      addressLimit: new AddressLimit(limits.socketsPerAddress),
      presenceLimits: new PresenceLimits(limits, turn),
      limits,
      clock,
      turn,
      work: new WorkQueue(clock),
      metrics,
    }
    this.sockets = new Sockets(context)
    this.reports = new Reports({
      ...{ replica: this.replica, engine, groups: defaultGroups, topics, lease: 10_000, metrics: noMetrics },
      status: () => ({
        ...{ version: 'test', uptime: 0, sockets: this.sockets.size, channels: context.admission.channels, streams: 0 },
        ...{ observers: context.admission.observers, topics: this.replica.watched.size, lag: 0 },
        ...{ staleness: null, trouble: this.replica.trouble ?? null },
      }),
    })
  }

  static async open(options: TestServerOptions = {}): Promise<TestServer> {
    const server = new TestServer(options)
    await server.replica.start()
    return server
  }

  /** Connects a client, a viewer unless an identity is given. */
  connect(session: Partial<Session> = {}, vsn: Vsn = 2, address: string | null = null): FakeClient {
    return new FakeClient(this.sockets, { userId: null, clientId: null, ...session }, vsn, address)
  }

  /** Connects a viewer, who has sent the join of a topic. */
  joining(topic: string, payload: unknown = {}): FakeClient {
    const client = this.connect()
    client.join(topic, payload)
    return client
  }

  /** The committed counts, in so many ms: what every socket of the topic was sent last. */
  async committed(topic: string, { after }: { after?: number } = {}): Promise<Counts> {
    if (after !== undefined) await this.clock.advance(after)
    const [update] = await this.replica.read([topic])
    return toCounts(defaultGroups, update!.totals, update!.below)
  }

  /** Closes the sockets and stops the replica. No timer remains. */
  async stop(): Promise<void> {
    this.sockets.closeAll('restart')
    await this.replica.stop()
  }
}

export function counts(users: number, viewers: number): Counts {
  return { users: { count: users }, viewers: { count: viewers } }
}
