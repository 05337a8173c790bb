import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { rawSocket } from '@headcount/testing'
import { closeFrame, readFrames, textFrame } from '../../bench/load/frames.mjs'

const program = fileURLToPath(new URL('./allocations-server.mjs', import.meta.url))

/** A young generation that no window fills: what is allocated stays, and is counted, until somebody collects. */
const young = 512
const execArgv = ['--expose-gc', `--min-semi-space-size=${young}`, `--max-semi-space-size=${young}`]

export interface Memory {
  readonly heap: number
  readonly buffers: number
}

const frames = {
  join: textFrame('["1","1","crowd","phx_join",{}]'),
  observe: textFrame('["1","1","crowd","phx_join",{"observe":true}]'),
  leave: textFrame('["1","2","crowd","phx_leave",{}]'),
  heartbeat: textFrame('[null,"3","phoenix","heartbeat",{}]'),
}

/** One raw connection that asks for one thing at a time. */
export class Member {
  #stream: Socket
  #rest: Buffer = Buffer.alloc(0)
  #wanted = 0
  #heard = () => {}

  private constructor(stream: Socket, frame: () => void) {
    this.#stream = stream.on('data', (bytes) => {
      const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
      this.#rest = readFrames(all, () => {
        frame()
        this.#got()
      })
    })
  }

  static async open(url: string, frame: () => void): Promise<Member> {
    return new Member(await rawSocket(url), frame)
  }

  #got() {
    if (this.#wanted > 0 && --this.#wanted === 0) this.#heard()
  }

  /** Resolves when so many answers have come. */
  #ask(bytes: Buffer, answers: number): Promise<void> {
    this.#wanted = answers
    return new Promise((resolve) => {
      this.#heard = resolve
      this.#stream.write(bytes)
    })
  }

  /** Answered by the reply and the state. */
  join = () => this.#ask(frames.join, 2)
  /** The same, and moves no count. */
  observe = () => this.#ask(frames.observe, 2)
  /** Answered by the reply and the close. */
  leave = () => this.#ask(frames.leave, 2)
  heartbeat = () => this.#ask(frames.heartbeat, 1)

  /** Goes away as a closed tab does. */
  async close() {
    const closed = once(this.#stream, 'close')
    this.#stream.end(closeFrame)
    await closed
  }

  destroy() {
    this.#stream.destroy()
  }
}

/** A server in a process of its own, the sockets that are on it, and what it allocates for what they do. */
export class Crowd {
  readonly members: Member[] = []
  /** Frames that the members have got. */
  frames = 0
  #awaited: { frames: number; reached: () => void } | undefined

  private constructor(
    readonly server: ChildProcess,
    readonly port: number,
  ) {}

  /** @param interval between two flushes of a topic, in ms. */
  static async open(interval: number): Promise<Crowd> {
    const server = fork(program, [String(interval)], { execArgv })
    const [{ port }] = (await once(server, 'message')) as [{ port: number }]
    return new Crowd(server, port)
  }

  async end() {
    for (const member of this.members) member.destroy()
    const ended = once(this.server, 'exit')
    this.server.disconnect()
    await ended
  }

  async #ask<T>(act: 'begin' | 'end' | 'collect' | 'nudge'): Promise<T> {
    const answered = once(this.server, 'message')
    this.server.send(act)
    return (await answered)[0] as T
  }

  /** What the server holds after collections. */
  collect = () => this.#ask<Memory>('collect')

  /** One more connection that has joined: alone, so that no turn of the server is shared. */
  join = async () => (await this.#connect()).join()

  /** The same, as an observer. */
  observe = async () => (await this.#connect()).observe()

  async #connect(): Promise<Member> {
    const member = await Member.open(`http://127.0.0.1:${this.port}`, this.#frame)
    this.members.push(member)
    return member
  }

  /** Fills the crowd up to `size`, ten at a time: what this allocates nobody asks. */
  async fill(size: number, come: () => Promise<void>) {
    while (this.members.length < size) {
      const some = Math.min(10, size - this.members.length)
      await Promise.all(Array.from({ length: some }, come))
    }
  }

  /** Moves the count, and waits until every member has been told. Nothing else may be on its way. */
  nudge = async () => {
    const frames = this.frames + this.members.length
    const told = new Promise<void>((reached) => {
      this.#awaited = { frames, reached }
    })
    await this.#ask('nudge')
    await told
  }

  #frame = () => {
    this.frames += 1
    if (this.frames === this.#awaited?.frames) this.#awaited.reached()
  }

  /**
   * Bytes that one of `times` acts allocates on the server, in turn: the least of a few windows, for whatever else a window
   * holds (compiled code, timers) only adds. A window in which anything was collected is no measure, and does not count.
   *
   * @throws where too many windows were none.
   */
  async allocated(times: number, act: (turn: number) => Promise<unknown>, windows = 4): Promise<Memory> {
    let heap = Number.POSITIVE_INFINITY
    let buffers = Number.POSITIVE_INFINITY
    let turn = 0
    for (let good = 0, tries = 0; good < windows; tries++) {
      if (tries > windows + 4) throw new Error(`expected ${windows} windows without a collection, got ${good}`)
      const before = await this.#ask<Memory>('begin')
      for (let i = 0; i < times; i++) await act(turn++)
      const after = await this.#ask<Memory & { collections: number }>('end')
      if (after.collections > 0) continue
      good++
      heap = Math.min(heap, (after.heap - before.heap) / times)
      buffers = Math.min(buffers, (after.buffers - before.buffers) / times)
    }
    return { heap, buffers }
  }
}
