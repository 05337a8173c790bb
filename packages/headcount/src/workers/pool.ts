import { type Clock, HeadcountError, type Logger } from '@headcount/core'
import { log } from '../log-events.js'
import { Watchdog } from './watchdog.js'

export interface WorkerProcess {
  readonly pid: number | undefined
  /** Resolves when it listens, rejects if it cannot. */
  readonly started: Promise<void>
  /** Resolves when it has exited, with the reason: `SIGKILL`, `exit code 1`. */
  readonly exited: Promise<string>
  /** Resolves when its event loop has answered. */
  ping(): Promise<unknown>
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

export interface PoolOptions {
  readonly size: number
  /** Starts the process of a worker: 1 to `size`. */
  fork(worker: number): WorkerProcess
  readonly clock: Clock
  readonly logger: Logger
}

/** The time, in ms, after its start in which an exit is early. */
const early = 10_000

/** The delay, in ms, of a restart after a number of consecutive early exits. */
function restartDelay(earlyExits: number): number {
  return earlyExits < 2 ? 0 : Math.min(500 * 2 ** (earlyExits - 2), 15_000)
}

/** Runs a number of workers, and restarts those that exit until the pool is stopped. */
export class WorkerPool {
  #state: 'starting' | 'running' | 'stopped' = 'starting'
  readonly #running = new Set<WorkerProcess>()
  readonly #watchdog: Watchdog
  readonly #cancelRestart = new Map<number, () => void>()
  /** How many times a worker was restarted. */
  restarts = 0

  constructor(private readonly options: PoolOptions) {
    this.#watchdog = new Watchdog(options.clock)
  }

  /** The number of running workers. */
  get size(): number {
    return this.#running.size
  }

  /**
   * Starts the workers. Resolves when all of them listen.
   * @param stopped rejects if they must stop before; they have `drainTime` ms to do so.
   * @throws {HeadcountError} `worker_exited`, or the error of the first that cannot start. All are killed then.
   */
  async start(stopped = new Promise<never>(() => {}), drainTime = 0): Promise<void> {
    let limit = 0
    stopped.catch(() => {
      limit = drainTime
    })
    const workers = Array.from({ length: this.options.size }, (_, i) => this.#launch(i + 1, 0))
    const exits = workers.map(async ({ exited }, i) => {
      throw new HeadcountError('worker_exited', `worker ${i + 1} exited before it listened (${await exited})`)
    })
    try {
      await Promise.race([Promise.all(workers.map(({ started }) => started)), ...exits, stopped])
      this.#state = 'running'
    } catch (error) {
      await this.stop(limit)
      throw error
    }
  }

  /** Drains every worker, and kills those that have not exited after `ms`. Resolves when all have exited. */
  async stop(ms: number): Promise<void> {
    this.#state = 'stopped'
    for (const cancel of this.#cancelRestart.values()) cancel()
    const kill = (signal: 'SIGTERM' | 'SIGKILL'): void => {
      for (const process of this.#running) process.kill(signal)
    }
    kill('SIGTERM')
    const cancel = this.options.clock.after(ms, () => kill('SIGKILL'))
    await Promise.all([...this.#running].map(({ exited }) => exited))
    cancel()
  }

  /** @param earlyExits the number of consecutive early exits. */
  #launch(worker: number, earlyExits: number): WorkerProcess {
    const { fork, logger, clock } = this.options
    const process = fork(worker)
    const { pid, started, exited } = process
    const startedAt = clock.now()
    this.#running.add(process)
    let unwatch = (): void => {}
    started.then(
      () => {
        log(logger, 'worker_started', { worker, pid })
        unwatch = this.#watchdog.watch(process.ping, (silentFor) => {
          log(logger, 'worker_hangs', { worker, pid, seconds: silentFor / 1000 })
          process.kill('SIGKILL')
        })
      },
      () => {},
    )
    void exited.then((reason) => {
      unwatch()
      this.#running.delete(process)
      if (this.#state !== 'running') return
      const exits = clock.now() - startedAt < early ? earlyExits + 1 : 0
      const delay = restartDelay(exits)
      log(logger, 'worker_exited', { worker, pid, reason, earlyExits: exits, delay })
      const restart = (): void => {
        this.restarts += 1
        this.#launch(worker, exits)
      }
      this.#cancelRestart.set(worker, clock.after(delay, restart))
    })
    return process
  }
}
