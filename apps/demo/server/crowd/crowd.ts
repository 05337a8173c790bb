import type { Clock } from '@headcount/core'
import { HeadcountError } from '@headcount/core'
import type WebSocket from 'ws'
import { type Home, Member } from './member.js'
import { type Progress, Register } from './register.js'
import { type CrowdSize, checkSize, maxCrowd } from './size.js'

export interface CrowdOptions extends CrowdSize {
  /** The server: `ws://127.0.0.1:4000`. */
  readonly url: string
  readonly topic: string
  /** The share of those here that leaves each second and comes back a little later: 0 to 1. */
  readonly churn: number
  /** A token for a user of this id. Without it there can be no users. */
  readonly signToken?: ((user: string) => string | Promise<string>) | undefined
  readonly random: () => number
  readonly clock: Clock
  /** Most sockets opened a second: 200 unless given. */
  readonly rate?: number | undefined
}

/** A simulated crowd: people with a real socket each, who come, churn and go. */
export interface Crowd {
  readonly wanted: CrowdSize
  readonly here: CrowdSize
  start(): void
  /**
   * From now on so many, reached at the crowd's rate.
   * @throws {HeadcountError} `bad_option`: more than 5,000 in all, or users without a way to sign their tokens.
   */
  resize(size: CrowdSize): void
  /** Everybody goes. Resolves when every socket is closed. */
  stop(): Promise<void>
  /** Calls `listener` four times a second while anything is up. Returns the undo. */
  on(event: 'progress', listener: (progress: Progress) => void): () => void
}

/** How often a crowd acts, and tells, in ms. */
const step = 50
const tellEvery = 250
/** Those who churn stay away so long, in ms. */
const shortestAway = 500
const longestAway = 1_500
/** The share of those who churn that just drops off. */
const dropped = 0.2
/** How long, in ms, a socket may take to close. */
const closing = 2_000

/** @throws {HeadcountError} `bad_option` where an option is not what it may be. */
export function createCrowd(options: CrowdOptions): Crowd {
  return new RunningCrowd(options)
}

class RunningCrowd implements Crowd {
  readonly #o: CrowdOptions
  readonly #home: Home
  readonly #listeners = new Set<(progress: Progress) => void>()
  readonly #members = { viewers: [] as Member[], users: [] as Member[] }
  readonly #register = new Register()
  /** Tells users of this crowd from those of another. */
  readonly #name: string
  #wanted: CrowdSize
  #undoStep: (() => void) | undefined
  #steppedAt = 0
  #toldAt = 0
  /** Sockets that may be opened, and leaves that are due, with what is left of the last step. */
  #mayOpen = 0
  #mustLeave = 0
  #running = false

  constructor(options: CrowdOptions) {
    if (!(options.churn >= 0 && options.churn <= 1)) {
      throw new HeadcountError('bad_option', `crowd churn: expected 0 to 1, got ${options.churn}`)
    }
    this.#o = options
    this.#wanted = this.#check(options)
    this.#name = Math.floor(options.random() * 36 ** 6).toString(36)
    this.#home = {
      url: options.url,
      topic: options.topic,
      clock: options.clock,
      random: options.random,
      sockets: new Set<WebSocket>(),
      witness: this.#register,
    }
  }

  get wanted(): CrowdSize {
    return this.#wanted
  }

  get here(): CrowdSize {
    return this.#register.here
  }

  start(): void {
    this.#running = true
    this.#wake()
  }

  resize(size: CrowdSize): void {
    this.#wanted = this.#check(size)
    this.#wake()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#wanted = { viewers: 0, users: 0 }
    this.#undoStep?.()
    this.#undoStep = undefined
    for (const members of Object.values(this.#members)) {
      for (const member of members.splice(0)) member.leave(0)
    }
    const { sockets, clock } = this.#home
    const undo = clock.after(closing, () => {
      for (const socket of sockets) socket.terminate()
    })
    await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    undo()
    this.#tell()
  }

  on(_event: 'progress', listener: (progress: Progress) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #check(size: CrowdSize): CrowdSize {
    if (size.users > 0 && this.#o.signToken === undefined) {
      throw new HeadcountError('bad_option', `crowd users: expected 0 without signToken, got ${size.users}`)
    }
    return checkSize(size)
  }

  /** Begins to step; a crowd that is nobody and is to be nobody does not. */
  #wake(): void {
    if (!this.#running || this.#undoStep !== undefined) return
    this.#steppedAt = this.#o.clock.now()
    this.#step()
  }

  #step(): void {
    const now = this.#o.clock.now()
    // A process that was held up does not make up for it.
    const seconds = Math.min(1, (now - this.#steppedAt) / 1000)
    this.#steppedAt = now
    const rate = this.#o.rate ?? 200
    // What was not used is not saved up, but for a fraction: a pause must not end in a burst.
    this.#mayOpen = Math.min(this.#mayOpen, 1) + rate * seconds
    this.#grow()
    this.#shrink(Math.ceil(rate * seconds))
    this.#churn(seconds)
    this.#act(now)
    if (now - this.#toldAt >= tellEvery) this.#tell()
    const { viewers, users } = this.#members
    const idle = viewers.length + users.length + this.#wanted.viewers + this.#wanted.users === 0
    this.#undoStep = idle ? undefined : this.#o.clock.after(step, () => this.#step())
    if (idle) this.#tell()
  }

  #grow(): void {
    const { viewers, users } = this.#members
    while (viewers.length < this.#wanted.viewers) viewers.push(new Member(this.#home, 'viewers', undefined))
    while (users.length < this.#wanted.users) {
      const id = `crowd-${this.#name}-${users.length + 1}`
      users.push(new Member(this.#home, 'users', () => this.#o.signToken!(id)))
    }
  }

  #shrink(most: number): void {
    let left = most
    for (const kind of ['viewers', 'users'] as const) {
      const members = this.#members[kind]
      while (members.length > this.#wanted[kind] && left-- > 0) members.pop()!.leave(0)
    }
  }

  #churn(seconds: number): void {
    const { viewers, users } = this.#members
    const all = viewers.length + users.length
    const { here } = this
    this.#mustLeave += this.#o.churn * seconds * (here.viewers + here.users)
    for (; this.#mustLeave >= 1; this.#mustLeave--) {
      const at = Math.floor(this.#o.random() * all)
      const member = at < viewers.length ? viewers[at] : users[at - viewers.length]
      if (member?.state !== 'here') continue
      const pause = shortestAway + this.#o.random() * (longestAway - shortestAway)
      member.leave(pause, this.#o.random() >= dropped)
    }
  }

  #act(now: number): void {
    for (const member of [...this.#members.users, ...this.#members.viewers]) {
      if (member.dueAt > now) continue
      if (member.state !== 'away') member.act()
      else if (this.#mayOpen >= 1 && this.#home.sockets.size < maxCrowd) {
        this.#mayOpen--
        void member.come()
      }
    }
  }

  #tell(): void {
    this.#toldAt = this.#o.clock.now()
    const progress = this.#register.progress(this.#wanted)
    for (const listener of this.#listeners) listener(progress)
  }
}
