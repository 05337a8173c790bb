import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { LoadClient } from '@headcount/tools/load/client.mjs'

const program = fileURLToPath(new URL('./allocations-server.mjs', import.meta.url))

/** Megabytes of young generation, more than a window fills: all allocations are counted until a collection. */
const young = 512
const execArgv = ['--expose-gc', `--min-semi-space-size=${young}`, `--max-semi-space-size=${young}`]

export interface Memory {
  readonly heap: number
  readonly buffers: number
}

/** A server in a separate process and the clients of one topic, to measure allocations for their actions. */
export class MeasuredServer {
  readonly clients: LoadClient[] = []
  readonly #process
  #url = ''
  #onCounted = () => {}

  /** @param interval between two flushes of a topic, in ms. */
  constructor(interval: number) {
    this.#process = fork(program, [String(interval)], { execArgv })
  }

  async start(): Promise<void> {
    const [{ port }] = await once(this.#process, 'message')
    this.#url = `ws://127.0.0.1:${port}`
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.drop()
    const exited = once(this.#process, 'exit')
    this.#process.disconnect()
    await exited
  }

  /** The server's memory after garbage collections. */
  collect = () => this.#ask('collect')

  join = async (payload: object = {}, topic = 'crowd'): Promise<void> => {
    const client = new LoadClient({ url: this.#url, topic, listener: { counted: () => this.#onCounted() } })
    this.clients.push(client)
    await client.connect()
    await client.join(payload)
  }

  /** Joins up to a number of clients, five at a time. */
  async fill(size: number, payload: object = {}, topic?: string): Promise<void> {
    while (this.clients.length < size) await Promise.all([0, 1, 2, 3, 4].map(() => this.join(payload, topic)))
  }

  /** The memory that each client keeps of those that join until there are `size`. */
  async kept(size: number, topic?: string): Promise<Memory> {
    const before = await this.collect()
    const joining = size - this.clients.length
    await this.fill(size, {}, topic)
    const after = await this.collect()
    return { heap: (after.heap - before.heap) / joining, buffers: (after.buffers - before.buffers) / joining }
  }

  /** Changes the count, and waits until every client shows it. */
  change = async (): Promise<void> => {
    let left = this.clients.length
    const shown = new Promise<void>((resolve) => {
      this.#onCounted = () => --left === 0 && resolve()
    })
    await Promise.all([this.#ask('change'), shown])
  }

  /**
   * Bytes that the server allocates for one of `times` sequential acts: the minimum of four windows, because
   * compilation and timers only add to one. A window with a collection does not count.
   * @throws after eight windows.
   */
  async allocated(times: number, act: (turn: number) => Promise<unknown>): Promise<Memory> {
    const windows: Memory[] = []
    for (let turn = 0, tries = 0; windows.length < 4; tries++) {
      if (tries === 8) throw new Error(`expected 4 windows without a collection, got ${windows.length}`)
      const before = await this.#ask('begin')
      for (let i = 0; i < times; i++) await act(turn++)
      const { heap, buffers, collections } = await this.#ask('read')
      if (collections > 0) continue
      windows.push({ heap: (heap - before.heap) / times, buffers: (buffers - before.buffers) / times })
    }
    const least = (name: keyof Memory) => Math.min(...windows.map((window) => window[name]))
    return { heap: least('heap'), buffers: least('buffers') }
  }

  async #ask(name: string): Promise<Memory & { readonly collections: number }> {
    const answered = once(this.#process, 'message')
    this.#process.send(name)
    return (await answered)[0]
  }
}
