import { FlushScheduler, type FlushSchedulerOptions } from './broadcast/flush-scheduler.js'
import { ReadTopics } from './broadcast/read-topics.js'
import type { TopicView } from './broadcast/topic-view.js'
import type { Update } from './broadcast/update.js'
import type { WatchedTopics } from './broadcast/watched-topics.js'
import { type Busiest, type BusiestQuery, BusiestTopics } from './counting/busiest-topics.js'
import { Committer } from './counting/committer.js'
import { Tallies } from './counting/tallies.js'
import { type TrackedTopic, Tracker } from './counting/tracker.js'
import type { Change, EngineOptions, ReplicaId, Topic } from './engine/engine.js'
import { ReplicaRequests } from './engine/replica-requests.js'
import type { TransitionReceiver } from './engine/transitions.js'
import { HeadcountError } from './runtime/errors.js'
import type { Sample } from './runtime/metrics.js'

export interface ReplicaOptions extends FlushSchedulerOptions, Pick<EngineOptions, 'lease' | 'history'> {
  readonly id: ReplicaId
  /** The receiver of transitions, such as webhooks. */
  readonly receiver?: TransitionReceiver | undefined
}

/** The presences of a replica in a topic, and the counts that it shows; each undefined if there are none. */
export interface ReplicaView {
  readonly tracked: TrackedTopic | undefined
  readonly shows: TopicView | undefined
}

/**
 * This process as a member of the cluster. Presences pass through it in one direction: `tracker.track`, the committer
 * commits to the engine, the engine reports the new totals of watched topics, and the scheduler broadcasts them.
 */
export class Replica {
  readonly tracker: Tracker
  readonly scheduler: FlushScheduler
  readonly watched: WatchedTopics
  readonly requests: ReplicaRequests
  readonly #committer: Committer
  readonly #tallies: Tallies
  readonly #busiest: BusiestTopics
  readonly #reads: ReadTopics
  #stopped = false
  #stopReceiver: (() => Promise<void>) | undefined
  #connections = 0

  constructor(private readonly options: ReplicaOptions) {
    const { id, clock, groups, display } = options
    this.#tallies = new Tallies(groups, (topic) => display(topic).pattern)
    this.#busiest = new BusiestTopics(clock)
    const requestCommit = (): void => this.#committer.requestCommit()
    this.tracker = new Tracker(groups.length, requestCommit, this.#tallies.of, this.#busiest)
    this.scheduler = new FlushScheduler(options)
    this.watched = this.scheduler.watched
    this.#reads = new ReadTopics(options, this.watched)
    this.requests = new ReplicaRequests({ id, clock, send: (to, text) => this.#send(to, text) })
    this.#committer = new Committer({
      ...{ ...options, tracker: this.tracker, interval: this.scheduler.interval },
      commitInterval: options.engine.commitInterval ?? 0,
      commit: (changes, since) => this.#commit(changes, since),
    })
  }

  /**
   * Opens the engine. Presences and subscribers may be added before it.
   * @throws the engine's error if it cannot be opened.
   */
  async start(): Promise<void> {
    const { engine, id, groups, lease, metrics, receiver, history } = this.options
    const options = { groups: groups.length, lease, changed: this.watched.receiveTotals, observe: metrics.observe }
    const received = (text: string): void => this.requests.receive(text)
    const optional = { ...(receiver && { levels: receiver.levels }), ...(history && { history }) }
    await engine.open(id, { ...options, ...optional, received })
    if (this.#stopped) return engine.close()
    if (engine.transitions !== undefined) this.#stopReceiver = receiver?.start(engine.transitions)
    this.watched.start()
    await this.#committer.start()
  }

  /** Removes this replica's presences from the cluster at once. Nothing is broadcast after it. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#committer.stop()
    this.watched.stop()
    this.requests.close()
    await this.#stopReceiver?.()
    await this.options.engine.close()
  }

  get id(): ReplicaId {
    return this.options.id
  }

  /** Returns an id that no other connection of the cluster has. */
  newConnectionId(): string {
    this.#connections += 1
    return `${this.options.id} ${this.#connections}`
  }

  /** Whether the cluster may still lack changes of this replica. */
  get isCommitting(): boolean {
    return this.#committer.isCommitting
  }

  /** How long ago, in ms, the newest commit was sent that the engine accepted. */
  get leaseAge(): number {
    return this.#committer.leaseAge
  }

  /** The number of presences of this replica, labelled with the pattern and the group. */
  get presences(): Sample[] {
    return this.#tallies.samples
  }

  busiest(query: BusiestQuery): Busiest {
    return this.#busiest.query(query)
  }

  /** The presences of this replica in a topic, and how it derives the counts that it shows. Read-only. */
  view(topic: Topic): ReplicaView {
    return { tracked: this.tracker.view(topic), shows: this.watched.get(topic)?.view(this.options.clock.now()) }
  }

  /** Why this replica should get no new sockets; undefined if it may. */
  get trouble(): string | undefined {
    return this.#committer.trouble
  }

  /**
   * The counts of topics: those last sent to subscribers here, or without any, the shown totals of the cluster.
   * @throws {HeadcountError} `closed` after `stop`; the engine's error if it is unreachable.
   */
  async read(topics: readonly Topic[]): Promise<Update[]> {
    if (this.#stopped) throw new HeadcountError('closed', 'the server has closed')
    return this.#reads.read(topics)
  }

  /** Commits changes to the engine, and measures when their joins are shown. */
  async #commit(changes: readonly Change[], since: number): Promise<'kept' | 'lost'> {
    for (const change of changes) this.watched.get(change.topic)?.joinDelay.committing(change, since)
    const outcome = await this.options.engine.commit(changes)
    // The engine has reported the totals already.
    for (const { topic } of changes) {
      const watched = this.watched.get(topic)
      if (watched?.isKnown && watched.dueAt === undefined) watched.joinDelay.showsAll()
    }
    return outcome
  }

  async #send(to: ReplicaId, text: string): Promise<boolean> {
    const { relay } = this.options.engine
    if (this.#stopped || relay === undefined) return false
    return relay.send(to, text).catch(() => false)
  }
}
