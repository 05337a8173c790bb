import { zeroTotals } from '@headcount/protocol'
import { FlushScheduler, type FlushSchedulerOptions, type TopicView } from './broadcast/flush-scheduler.js'
import type { Update } from './broadcast/update.js'
import { type Busiest, type BusiestQuery, BusiestTopics } from './counting/busiest-topics.js'
import { Committer } from './counting/committer.js'
import { Tallies } from './counting/tallies.js'
import { type TrackedTopic, Tracker } from './counting/tracker.js'
import type { EngineOptions, ReplicaId, Topic } from './engine/engine.js'
import { ReplicaRequests } from './engine/replica-requests.js'
import type { TransitionReceiver } from './engine/transitions.js'
import { HeadcountError } from './runtime/errors.js'
import type { Sample } from './runtime/metrics.js'

export interface ReplicaOptions extends FlushSchedulerOptions {
  readonly id: ReplicaId
  /** How long, in ms, the cluster counts this replica after its last commit. */
  readonly lease: number
  /** What receives the transitions of topics past their levels. */
  readonly receiver?: TransitionReceiver | undefined
  /** What the engine records. Default: nothing. */
  readonly history?: EngineOptions['history']
}

/** What a replica has in a topic, and what it shows of it; each undefined for nothing. */
export interface ReplicaView {
  readonly tracked: TrackedTopic | undefined
  readonly shows: TopicView | undefined
}

/**
 * This process as a member of the cluster. A presence goes one way through it: `tracker.track`, then the committer
 * commits it to the engine, the engine reports the topic's new totals, and the scheduler broadcasts them.
 */
export class Replica {
  readonly tracker: Tracker
  readonly scheduler: FlushScheduler
  /** What replicas ask each other. */
  readonly requests: ReplicaRequests
  readonly #committer: Committer
  readonly #tallies: Tallies
  readonly #busiest: BusiestTopics
  readonly #options: ReplicaOptions
  #stopped = false
  #stopReceiver: (() => Promise<void>) | undefined
  #connections = 0

  constructor(options: ReplicaOptions) {
    this.#options = options
    const { id, clock, groups, display } = options
    this.#tallies = new Tallies(groups, (topic) => display(topic).pattern)
    this.#busiest = new BusiestTopics(clock)
    const requestCommit = (): void => this.#committer.requestCommit()
    this.tracker = new Tracker(groups.length, requestCommit, this.#tallies.of, this.#busiest)
    this.scheduler = new FlushScheduler(options)
    this.requests = new ReplicaRequests({ id, clock, send: (to, text) => this.#send(to, text) })
    this.#committer = new Committer({
      ...{ ...options, tracker: this.tracker, interval: this.scheduler.interval },
      committing: (changes, since) => this.scheduler.committing(changes, since),
      committed: (changes) => this.scheduler.committed(changes),
    })
  }

  /**
   * Opens the engine. Presences and subscribers that were added before wait for it.
   * @throws what the engine throws where it cannot be opened.
   */
  async start(): Promise<void> {
    const { engine, id, groups, lease, metrics, receiver, history } = this.#options
    const options = { groups: groups.length, lease, changed: this.scheduler.receiveTotals, observe: metrics.observe }
    const received = (text: string): void => this.requests.receive(text)
    const optional = { ...(receiver && { levels: receiver.levels }), ...(history && { history }) }
    await engine.open(id, { ...options, ...optional, received })
    if (this.#stopped) return engine.close()
    if (engine.transitions !== undefined) this.#stopReceiver = receiver?.start(engine.transitions)
    this.scheduler.start()
    await this.#committer.start()
  }

  /** Removes this replica's presences from the cluster at once. Nothing is broadcast after it. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#committer.stop()
    this.scheduler.stop()
    await this.#stopReceiver?.()
    await this.#options.engine.close()
  }

  get id(): ReplicaId {
    return this.#options.id
  }

  /** Returns an id that no other connection of the cluster has. */
  newConnectionId(): string {
    this.#connections += 1
    return `${this.#options.id} ${this.#connections}`
  }

  /** Whether the cluster may not have all changes of this replica yet. */
  get isCommitting(): boolean {
    return this.#committer.isCommitting
  }

  /** How long ago, in ms, the newest commit was sent that the engine accepted. */
  get leaseAge(): number {
    return this.#committer.leaseAge
  }

  /** What this replica has counted, labelled with the pattern and the group. */
  get presences(): Sample[] {
    return this.#tallies.samples
  }

  /** The busiest topics of this replica alone. */
  busiest(query: BusiestQuery): Busiest {
    return this.#busiest.query(query)
  }

  /** What makes up the number that this replica shows of a topic. Changes nothing. */
  view(topic: Topic): ReplicaView {
    return { tracked: this.tracker.view(topic), shows: this.scheduler.view(topic) }
  }

  /** Why this replica should get no new sockets; undefined where it may. */
  get trouble(): string | undefined {
    return this.#committer.trouble
  }

  /**
   * The counts of topics: what subscribers here were sent last, else what topics show of the totals of the cluster.
   * @throws {HeadcountError} `closed` after `stop`; else what the engine throws where it cannot be reached.
   */
  async read(topics: readonly Topic[]): Promise<Update[]> {
    if (this.#stopped) throw new HeadcountError('closed', 'the server has closed')
    const local = topics.map((topic) => this.scheduler.lastSent(topic))
    const others = topics.filter((_, i) => local[i] === undefined)
    const read = others.length === 0 ? [] : await this.#options.engine.read(others)
    let next = 0
    return local.map((update, i) => {
      return update ?? this.scheduler.show(topics[i]!, read[next++] ?? zeroTotals(this.#options.groups.length))
    })
  }

  async #send(to: ReplicaId, text: string): Promise<boolean> {
    const { relay } = this.#options.engine
    if (this.#stopped || relay === undefined) return false
    return relay.send(to, text).catch(() => false)
  }
}
