import type { Count, Counts, Diff, Group } from '@headcount/protocol'
import { createRetries } from './backoff.js'
import type { ChannelConnection, Reply } from './connection.js'
import type { Message } from './frame.js'
import { createListeners } from './listeners.js'
import type { ClientOptions, SocketOptions } from './options.js'
import type { CountRule, Page } from './page.js'
import type { TopicSnapshot, TopicStore } from './store.js'
import { createTabLock } from './tab-lock.js'
import { createTimer } from './timer.js'

/** The client's role in a topic, as the payload of its join. A socket has one channel per topic, and so one role. */
type Role = { readonly observe?: true } | undefined
const counted: Role = {}
const observer: Role = { observe: true }

/** How the subscribers of a store count. */
export interface Rules {
  readonly observe: boolean
  readonly count: CountRule | undefined
  readonly tabs: 'each' | 'one' | undefined
}

export interface TopicContext<G extends Group>
  extends Pick<ClientOptions, 'linger' | 'random'>,
    Pick<SocketOptions, 'timeout'> {
  readonly connection: ChannelConnection
  readonly page: Page
  /** The snapshot before the first counts. */
  readonly connecting: TopicSnapshot<G>
  /** Of the server, to name the locks of its topics. */
  readonly url: string
  /** Connects: there is a subscriber. */
  open(): void
}

/**
 * One topic of a client: a channel, and the stores that share it. The client is counted while at least one subscriber
 * counts, observes while it has others, and leaves after the last one.
 */
export interface Topic<G extends Group> {
  /** The store of subscribers with these options, always the same object. */
  store(rules: Rules): TopicStore<G>
  isUsed(): boolean
  /** Updates the role from the subscribers, the page and the lock. */
  update(): void
  /** Joins if necessary: the socket has opened, or the topic was refused and may be allowed now. */
  join(): void
  receive(...message: Message): void
  /** The connection is lost, or an attempt to open it has failed. */
  lost(): void
}

export function createTopic<G extends Group>(name: string, context: TopicContext<G>): Topic<G> {
  const { connection, page, connecting, linger = 500, timeout = 10_000, random } = context
  const { subscribe, notify } = createListeners()
  const retries = createRetries(random)
  const stores = new Map<string, TopicStore<G>>()
  /** One for each subscriber, until `linger` ms after it unsubscribed. */
  const uses = new Set<Rules>()
  /** Of the pending step: showing the first counts, or the next join. */
  const timer = createTimer()
  let snapshot = connecting
  /** The uses that would count now; with `tabs: 'one'` only if the tab has the lock. */
  let counting: readonly Rules[]
  let role: Role
  /** The role last sent to the server. */
  let sentRole: Role
  /** The ref of the current join; undefined if none was sent, and after it was refused. */
  let joinRef: string | undefined
  /** Whether the state of the current join was received. */
  let isJoined = false
  /** Whether it is joined, or may be soon: otherwise it releases the lock for another tab. */
  let keepsLock = true

  const show = (next: TopicSnapshot<G>): void => {
    if (JSON.stringify(snapshot) === JSON.stringify(next)) return
    snapshot = next
    notify()
  }
  const showWaiting = (): void => {
    const { counts } = snapshot
    show(counts === connecting.counts ? connecting : { counts, status: 'stale' })
  }
  const resetJoin = (): void => {
    timer()
    joinRef = undefined
    isJoined = false
  }
  const retry = (): void => timer(join, retries.next())
  const lost = (): void => {
    if (joinRef) showWaiting()
    // A lost connection is often back at the first attempt. If that fails, another tab may be connected.
    else keepsLock = false
    resetJoin()
    update()
  }
  /** The channel crashed, or its join was not answered. */
  const fail = (): void => {
    lost()
    retry()
  }
  /** Joins again when the socket opens again, at a change of role, after signing in, and once there may be room. */
  const refuse = (reason = ''): void => {
    isJoined = keepsLock = false
    update()
    resetJoin()
    show({ ...snapshot, status: 'refused', reason })
    // Other topics of this client, or other clients, may leave.
    if (/^(too many|overloaded)/.test(reason)) retry()
  }

  const join = (): void => {
    if (joinRef || connection.status() !== 'live') return
    keepsLock = true
    // Without Web Locks the role may change at once, and then it has joined.
    update()
    if (joinRef || !role) return
    sentRole = role
    joinRef = connection.push(name, 'phx_join', role)
    timer(fail, timeout)
    showWaiting()
  }
  /** Sends the role, if it has changed. */
  const sendRole = (): void => {
    if (sentRole === role) return
    sentRole = role
    connection.push(name, 'observe', { observe: role === observer }, joinRef)
  }
  const leave = (): void => {
    if (joinRef) connection.push(name, 'phx_leave', {}, joinRef)
    resetJoin()
    showWaiting()
  }
  const update = (): void => {
    counting = [...uses].filter((use) => !use.observe && page.counts(use.count))
    const isHeld = lock(keepsLock && counting.some(({ tabs }) => tabs === 'one'))
    const isCounted = isHeld || counting.some(({ tabs }) => tabs !== 'one')
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
    const showCounts = (): void => show({ counts, status: 'live' })
    timer()
    if (isJoined) {
      showCounts()
      return
    }
    isJoined = true
    retries.succeeded()
    sendRole()
    timer(showCounts, counting[0] ? firstStateDelay(counts) : 0)
  }

  const createStore = (rules: Rules): TopicStore<G> => ({
    topic: name,
    get: () => snapshot,
    subscribe: (listener) => {
      const use = { ...rules }
      const unsubscribe = subscribe(listener)
      context.open()
      keepsLock ||= !uses.size
      uses.add(use)
      update()
      return () => {
        unsubscribe()
        // A remount or a change of route does not leave.
        createTimer()(() => {
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
    receive(topic, event, payload, channelRef, ref) {
      const { status, response } = payload as Reply
      // The answer to a join does not repeat a topic that is too long.
      if (event === 'phx_reply' && ref === joinRef && status !== 'ok') refuse(response?.reason)
      // A channel that was left or replaced may still receive messages.
      if (!joinRef || topic !== name || (channelRef ?? joinRef) !== joinRef) return
      if (event === 'phx_error') fail()
      else if (event === 'phx_close') refuse('closed')
      else if (event === 'presence_state') receiveCounts(payload as Counts<G>)
      else if (isJoined) receiveCounts((payload as Diff<G>).counts)
    },
  }
}

/** Whether a server sent counts: a message with anything else is dropped. */
function isCounts<T>(value: T): value is NonNullable<T> {
  const counts = Object.values<Count | undefined>(value ?? {})
  return !!counts[0] && counts.every((group) => Number.isInteger(group?.count))
}

/**
 * Delay in ms before the state of a new join is shown: the diff of this join follows at once, and a page should not
 * show "5" and then "6". Zeros usually precede this join, so they wait longer. With a shield, zeros may be shown
 * without a diff after them.
 */
function firstStateDelay(counts: Counts<Group>): number {
  return Object.values<Count>(counts).some(({ count, below }) => count || below) ? 30 : 1_000
}
