import { applyDiff, type Count, type Counts, type Diff, type Group } from '@headcount/protocol'
import { createRetries } from './backoff.js'
import type { Connection } from './connection.js'
import { createListeners } from './listeners.js'
import type { CountRule, Page } from './page.js'
import type { TopicSnapshot, TopicStore } from './store.js'
import { createTabLock } from './tab-lock.js'
import { createTimer } from './timer.js'

/** The client's role in a topic, as the payload of its join. A socket has one channel per topic, and so one role. */
type Role = { readonly observe?: true } | undefined
const counted: Role = {}
const observer: Role = { observe: true }

/** Reasons of refusals that pass by themselves: other topics of this client, or other clients, leave. */
const fullReasons = ['too many channels joined', 'overloaded']

/** How long a tab that is not joined keeps the lock, in ms: a connection that is lost is often back by then. */
const lockFor = 3_000

/** How the subscribers of a store count. */
export interface Rules {
  readonly observe: boolean
  readonly count: CountRule
  readonly tabs: 'each' | 'one'
}

export interface TopicContext<G extends Group> {
  readonly connection: Connection
  readonly page: Page
  /** The snapshot before the first counts. */
  readonly connecting: TopicSnapshot<G>
  /** Delay in ms between the last unsubscribe and leaving the topic. Default: 500. */
  readonly linger?: number | undefined
  /** Returns a number in [0, 1), for the jitter of delays. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Of the server: the tabs of a browser agree on its topics. */
  readonly url: string
  /** A subscriber has come: connects. */
  open(): void
}

/**
 * One topic of a client: a channel, and the stores that share it. The client is counted while at least one subscriber
 * counts, observes while it has others, and leaves after the last one.
 */
export interface Topic<G extends Group> {
  /** The store of subscribers that count in this way, always the same object. */
  store(rules: Rules): TopicStore<G>
  isUsed(): boolean
  /** Takes the role that the subscribers, the page and the lock make now. */
  update(): void
  /** Joins if it has to: the socket has opened, or the topic was refused and may be open now. */
  join(): void
  receive(event: string, payload: object, joinRef: string | null): void
  /** The connection is lost. */
  lost(): void
  /** The client has closed. */
  close(): void
}

export function createTopic<G extends Group>(name: string, context: TopicContext<G>): Topic<G> {
  const { connection, page, connecting, linger = 500, random } = context
  const { subscribe, notify } = createListeners()
  const retries = createRetries(random)
  const stores = new Map<string, TopicStore<G>>()
  /** One for each subscriber, until `linger` ms after it unsubscribed. */
  const uses = new Set<Rules>()
  /** Of the step that is waited for: showing the first counts, or the next join. */
  const timer = createTimer()
  const lockTimer = createTimer()
  let snapshot = connecting
  let role: Role
  /** The role last sent to the server. */
  let sentRole: Role
  /** The ref of the current join; undefined where none was sent, and after it was refused. */
  let joinRef: string | undefined
  let isJoined = false
  /** Whether it is joined, or may be in a moment: else it leaves the lock to another tab. */
  let keepsLock = true
  /** Counts received since the current join. Undefined before its first state: a diff means nothing without one. */
  let received: Counts<G> | undefined

  const show = (next: TopicSnapshot<G>): void => {
    if (JSON.stringify(snapshot) === JSON.stringify(next)) return
    snapshot = next
    notify()
  }
  const showWaiting = (): void => {
    const { counts } = snapshot
    show(counts === connecting.counts ? connecting : { counts, status: 'stale' })
  }
  const showReceived = (): void => show({ counts: received!, status: 'live' })
  const forgetJoin = (): void => {
    timer()
    joinRef = received = undefined
    isJoined = false
  }
  const leaveLock = (): void => {
    lockTimer()
    keepsLock = false
    update()
  }
  const keepLock = (): void => {
    keepsLock = true
    lockTimer(leaveLock, lockFor)
  }
  const retry = (): void => timer(join, retries.next())
  const lost = (): void => {
    if (joinRef) {
      showWaiting()
      keepLock()
    }
    forgetJoin()
  }
  /** The channel crashed, or its join was not answered. */
  const fail = (): void => {
    lost()
    retry()
  }
  /** Joined again when the socket opens again, at a change of role, after signing in, and once there may be room. */
  const refuse = (reason: string): void => {
    isJoined = false
    leaveLock()
    forgetJoin()
    show({ counts: snapshot.counts, status: 'refused', reason })
    if (fullReasons.includes(reason)) retry()
  }

  const join = (): void => {
    if (joinRef || connection.status() !== 'live') return
    lockTimer()
    keepsLock = true
    // Without Web Locks the role may change at once, and then it has joined.
    update()
    if (joinRef || !role) return
    sentRole = role
    const ref = connection.push(name, 'phx_join', role, null, (status, reason) => {
      if (joinRef !== ref) return
      if (status === 'ok') {
        isJoined = true
        retries.succeeded()
        sendRole()
      } else if (status === 'timeout') fail()
      else refuse(reason ?? 'error')
    })
    joinRef = ref
    if (snapshot.status === 'refused') showWaiting()
  }
  /** Sends the role, where it has changed. An older server does not know the event, and is joined again. */
  const sendRole = (): void => {
    if (sentRole === role) return
    const ref = joinRef!
    sentRole = role
    const done = (status: string): void => {
      if (status === 'ok' || joinRef !== ref) return
      forgetJoin()
      join()
    }
    connection.push(name, 'observe', { observe: role === observer }, ref, done)
  }
  const leave = (): void => {
    if (joinRef) connection.push(name, 'phx_leave', {}, joinRef)
    forgetJoin()
    leaveLock()
    showWaiting()
  }
  const update = (): void => {
    const counting = [...uses].filter(({ observe, count }) => !observe && page.counts(count))
    lock.setNeeded(keepsLock && counting.some(({ tabs }) => tabs === 'one'))
    const isCounted = counting.some(({ tabs }) => tabs === 'each' || lock.isHeld())
    const next = isCounted ? counted : uses.size ? observer : undefined
    if (next === role) return
    role = next
    if (!role) leave()
    else if (isJoined) sendRole()
    else join()
  }
  const lock = createTabLock(`headcount ${context.url} ${name}`, update)

  const receiveCounts = (counts: Counts<G> | undefined): void => {
    if (!isCounts(counts)) return
    const isFirst = !received && sentRole === counted
    received = counts
    if (isFirst) timer(showReceived, firstStateDelay(counts))
    else {
      timer()
      showReceived()
    }
  }

  const createStore = (rules: Rules): TopicStore<G> => ({
    topic: name,
    get: () => snapshot,
    subscribe: (listener) => {
      const use = { ...rules }
      const unsubscribe = subscribe(listener)
      context.open()
      if (!uses.size) keepLock()
      uses.add(use)
      update()
      return () => {
        unsubscribe()
        // A remount or a new route never leaves.
        setTimeout(() => {
          uses.delete(use)
          update()
        }, linger)
      }
    },
  })

  return {
    store(rules) {
      const key = JSON.stringify(rules)
      const store = stores.get(key) ?? createStore(rules)
      stores.set(key, store)
      return store
    },
    isUsed: () => !!role,
    update,
    join,
    lost,
    receive(event, payload, ref) {
      // A channel that was left or replaced may still receive messages.
      if (!joinRef || (ref ?? joinRef) !== joinRef) return
      if (event === 'phx_error') fail()
      else if (event === 'phx_close') refuse('closed')
      else if (event === 'presence_state') receiveCounts(payload as Counts<G>)
      else if (event === 'presence_diff' && received) receiveCounts(countsAfter(received, payload as Diff<G>))
    },
    close() {
      joinRef = undefined
      leave()
    },
  }
}

/** The counts after a diff; undefined where it has none. Phoenix does not send the result. */
function countsAfter<G extends Group>(before: Counts<G>, diff: Diff<G>): Counts<G> | undefined {
  return diff.counts ?? (isCounts(diff.joins) && isCounts(diff.leaves) ? applyDiff(before, diff) : undefined)
}

/** Whether a server sent counts: a message with anything else is dropped. */
function isCounts<T>(value: T): value is NonNullable<T> {
  const counts = Object.values<Count | undefined>(value ?? {})
  return counts.length > 0 && counts.every((group) => Number.isInteger(group?.count))
}

/**
 * Delay in ms before the state of a new join is shown: the diff of the own join follows at once, and a page should not
 * show "5" and then "6". Zeros are usually older than the own join, so they wait longer. A topic with a shield may show
 * zeros, and no diff follows.
 */
function firstStateDelay(counts: Counts<Group>): number {
  return Object.values<Count>(counts).every(({ count, below }) => !count && !below) ? 1_000 : 30
}
