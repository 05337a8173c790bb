import { hostname } from 'node:os'
import type { CounterName, Engine, ReplicaId, ReplicaLease, Topic } from '@headcount/core'
import { type Group, sumOf, type Totals, zeroTotals } from '@headcount/protocol'
import type {
  BusiestPage,
  BusiestRequest,
  BusiestTopic,
  ChannelsByStatus,
  OperatorSource,
  ReplicaStatus,
  ReplicasReport,
  TopicReport,
} from '../http/operator-source.js'
import { Channel } from '../sockets/channel.js'
import type { SocketContext } from '../sockets/socket-context.js'
import { isAnswer } from './answer-checks.js'
import { mergeBusiest, page } from './merge-busiest.js'
import type { Answers, TopicAnswer } from './questions.js'
import { topicReport } from './topic-report.js'

export interface ReportsOptions extends Pick<SocketContext, 'replica' | 'topics' | 'metrics'> {
  readonly engine: Pick<Engine, 'read' | 'replicas'>
  readonly groups: readonly Group[]
  /** In ms. */
  readonly lease: number
  /** See `Answers.secret`. */
  readonly secretHash?: string | undefined
  /** The status of this replica that only the server knows. */
  status(): Omit<ReplicaStatus, 'host' | 'pid' | 'joins' | 'refused'>
}

/** How long, in ms, replicas may take to answer. */
const timeout = 1_000

/** How many topics each replica names, and of how many the totals are read. */
const perReplica = 200
const maxRead = 500

/** Counters of what was refused, closed or not counted. */
const refusals = [
  ...['refused', 'refused_upgrades', 'http_refused', 'invalid_tokens', 'invalid_keys', 'server_closes', 'limited'],
] as const satisfies readonly CounterName[]

/**
 * Answers operators for the whole cluster: asks the other replicas for what only they know, and the engine for what
 * they have committed. It changes nothing, and requests nothing between questions, except `otherSecrets` at the start.
 */
export class Reports implements OperatorSource {
  readonly #answers: Answers

  constructor(private readonly options: ReportsOptions) {
    this.#answers = {
      topic: (topic) => this.#topic(topic),
      busiest: (query) => options.replica.busiest({ ...query, limit: Math.min(query.limit, perReplica) }),
      status: () => ({ host: hostname(), pid: process.pid, ...options.status(), ...this.#counters() }),
      secret: () => options.secretHash,
    }
    for (const name of Object.keys(this.#answers) as (keyof Answers)[]) {
      options.replica.requests.handle(name, (query) => this.#answers[name](query as never))
    }
  }

  async busiest({ sort, prefix, limit, after }: BusiestRequest): Promise<BusiestPage> {
    const { engine, groups, topics } = this.options
    const query = { sort, prefix, limit: perReplica }
    const leases = await this.#leases()
    const others = await this.#ask(leases, 'busiest', query)
    const merged = mergeBusiest([this.#answers.busiest(query), ...others.values()], maxRead)
    const named = merged.topics.filter(({ topic }) => topics.match(topic) !== undefined)
    const totals = named.length === 0 ? [] : await engine.read(named.map(({ topic }) => topic))
    const all = named.map(({ topic, joins }, i): BusiestTopic => {
      const numbers: Totals = totals[i] ?? zeroTotals(groups.length)
      const counts = Object.fromEntries(groups.map((group, g) => [group, numbers[g] ?? 0]))
      const count = sumOf(numbers)
      return { topic, count, counts, joins: Math.round(joins * 1000) / 1000 }
    })
    const { items, next } = page(
      all.filter(({ count }) => sort === 'joins' || count > 0),
      ({ topic, count, joins }) => [sort === 'count' ? count : joins, topic],
      limit,
      after,
    )
    const othersAtMost = Math.ceil(merged.othersAtMost * 1000) / 1000
    return { topics: items, next, othersAtMost, unanswered: this.#unanswered(leases, others) }
  }

  async explain(topic: Topic): Promise<TopicReport | 'unmatched_topic' | 'unsupported'> {
    const { engine, topics, groups, replica } = this.options
    const rule = topics.match(topic)
    if (rule === undefined) return 'unmatched_topic'
    if (engine.replicas === undefined) return 'unsupported'
    const leases = await engine.replicas.list()
    // What this replica shows is read in the same turn as the rows arrive.
    const { rows, own } = await engine.replicas.rows(topic).then((read) => ({ rows: read, own: this.#topic(topic) }))
    const answers = new Map([[replica.id, own], ...(await this.#ask(leases, 'topic', topic))])
    return topicReport({ topic, rule, groups, asked: replica.id, leases, rows, answers })
  }

  async replicas(): Promise<ReplicasReport> {
    const { lease } = this.options
    const known = await this.#leases().catch(() => undefined)
    const leases = known ?? [this.#own()]
    const others = await this.#ask(leases, 'status', null)
    const replicas = leases.map(({ replica, leaseAge }) => {
      const isAsked = replica === this.options.replica.id
      const status = isAsked ? this.#answers.status(null) : (others.get(replica) ?? null)
      return { replica, isAsked, leaseAge: Math.round(leaseAge), status }
    })
    return { lease, isReachable: known !== undefined, replicas }
  }

  /** How many other replicas key people by another secret: a person who is on both counts twice. */
  async otherSecrets(): Promise<number> {
    const { secretHash } = this.options
    if (secretHash === undefined) return 0
    const hashes = await this.#ask(await this.#leases(), 'secret', null)
    return [...hashes.values()].filter((hash) => hash !== secretHash).length
  }

  async #leases(): Promise<readonly ReplicaLease[]> {
    return (await this.options.engine.replicas?.list()) ?? [this.#own()]
  }

  #own(): ReplicaLease {
    const { id: replica, leaseAge } = this.options.replica
    return { replica, leaseAge }
  }

  /** The answers of other replicas that came in time, and that can be used. */
  async #ask<N extends keyof Answers>(leases: readonly ReplicaLease[], name: N, query: Parameters<Answers[N]>[0]) {
    const answers = new Map<ReplicaId, ReturnType<Answers[N]>>()
    const ask = async (replica: ReplicaId): Promise<void> => {
      const answer = await this.options.replica.requests.ask(replica, name, query, { timeout })
      if (isAnswer[name](answer)) answers.set(replica, answer as ReturnType<Answers[N]>)
    }
    await Promise.all(this.#others(leases).map(ask))
    return answers
  }

  #unanswered(leases: readonly ReplicaLease[], answers: ReadonlyMap<ReplicaId, unknown>): string[] {
    return this.#others(leases).filter((replica) => !answers.has(replica))
  }

  #others(leases: readonly ReplicaLease[]): ReplicaId[] {
    return leases.map(({ replica }) => replica).filter((replica) => replica !== this.options.replica.id)
  }

  #counters(): Pick<ReplicaStatus, 'joins' | 'refused'> {
    const read = (counter: CounterName) => [...(this.options.metrics.read?.(counter) ?? [])]
    const refused = refusals.flatMap((counter) => read(counter).map(([code, times]) => ({ counter, code, times })))
    return { joins: this.options.metrics.read?.('joins').get('') ?? null, refused }
  }

  /** Takes O(subscribers of the topic here). */
  #topic(topic: Topic): TopicAnswer {
    const { replica } = this.options
    const sockets: { -readonly [S in keyof ChannelsByStatus]: number } = {
      ...{ counted: 0, observers: 0, hidden: 0, presencesPerUser: 0, presencesPerAddress: 0 },
    }
    for (const subscriber of replica.watched.get(topic)?.subscribers ?? []) {
      if (subscriber instanceof Channel) sockets[subscriber.status] += 1
    }
    return { ...replica.view(topic), sockets }
  }
}
