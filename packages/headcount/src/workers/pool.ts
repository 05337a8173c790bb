import type { Clock, Logger } from '@headcount/core'

/** One worker's process, as it runs. */
export interface WorkerProcess {
  readonly pid: number | undefined
  /** Resolves when it listens, rejects with why it cannot. */
  readonly started: Promise<void>
  /** Resolves when it is gone, with how: `SIGKILL`, or `exit code 1` and what it had to say. */
  readonly ended: Promise<string>
  /** Asks it to drain and end (SIGTERM), or ends it. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

export interface PoolOptions {
  readonly size: number
  /** Starts the process of a worker: 1 to `size`. */
  fork(worker: number): WorkerProcess
  readonly clock: Clock
  readonly logger: Logger
}

/** A worker that ends sooner than this, in ms, has died at once. */
const steady = 10_000

/** How long, in ms, to wait before a worker that died at once, so many times in a row, is replaced. */
export function pauseBefore(deaths: number): number {
  return deaths < 2 ? 0 : Math.min(500 * 2 ** (deaths - 2), 15_000)
}

/** So many workers, kept up until the pool is stopped. */
export class Pool {
  readonly #o: PoolOptions
  readonly #running = new Set<WorkerProcess>()
  readonly #keeping: Promise<void>[] = []
  #stopping = false
  #stop = (): void => {}
  readonly #stopped = new Promise<void>((resolve) => {
    this.#stop = () => {
      this.#stopping = true
      resolve()
    }
  })
  /** How many workers have been replaced. */
  replaced = 0

  constructor(options: PoolOptions) {
    this.#o = options
  }

  /** How many run. */
  get size(): number {
    return this.#running.size
  }

  /**
   * Starts the workers. Resolves when all of them listen.
   * @throws what keeps the first one from it; none is left then.
   */
  async start(): Promise<void> {
    const begun = this.#o.clock.now()
    const workers = Array.from({ length: this.#o.size }, (_, i) => this.#fork(i + 1))
    try {
      await Promise.all(workers.map((process, i) => starting(process, i + 1)))
    } catch (error) {
      this.#stop()
      for (const process of workers) process.kill('SIGKILL')
      await Promise.all(workers.map(({ ended }) => ended))
      throw error
    }
    for (const [i, process] of workers.entries()) this.#keeping.push(this.#keep(i + 1, process, begun))
  }

  /** Drains every worker, and ends those that have not ended after `ms`. Resolves when all are gone. */
  async stop(ms: number): Promise<void> {
    this.#stop()
    for (const process of this.#running) process.kill('SIGTERM')
    const undo = this.#o.clock.after(ms, () => {
      for (const process of this.#running) process.kill('SIGKILL')
    })
    await Promise.all(this.#keeping)
    undo()
  }

  #fork(worker: number): WorkerProcess {
    const { fork, logger } = this.#o
    const process = fork(worker)
    this.#running.add(process)
    void process.ended.then(() => this.#running.delete(process))
    void process.started.then(
      () => logger.info({ worker, pid: process.pid }, 'a worker listens'),
      () => {},
    )
    return process
  }

  /** Replaces a worker whenever it ends. */
  async #keep(worker: number, first: WorkerProcess, begun: number): Promise<void> {
    const { clock, logger } = this.#o
    let deaths = 0
    for (let process = first, since = begun; ; process = this.#fork(worker), since = clock.now()) {
      const how = await process.ended
      if (this.#stopping) return
      deaths = clock.now() - since < steady ? deaths + 1 : 0
      const ms = pauseBefore(deaths)
      logger.warn({ worker, pid: process.pid, how, ms }, 'a worker is gone; another takes its place')
      if (ms > 0) await this.#pause(ms)
      if (this.#stopping) return
      this.replaced += 1
    }
  }

  /** Waits, or until the pool is stopped. */
  async #pause(ms: number): Promise<void> {
    let undo = (): void => {}
    const over = new Promise<void>((resolve) => {
      undo = this.#o.clock.after(ms, resolve)
    })
    await Promise.race([over, this.#stopped])
    undo()
  }
}

/** @throws where it fails or ends first. */
async function starting({ started, ended }: WorkerProcess, worker: number): Promise<void> {
  const early = ended.then((how) => {
    throw new Error(`worker ${worker}: expected it to listen, got its end (${how})`)
  })
  await Promise.race([started, early])
}
