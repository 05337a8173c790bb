import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { Clock, Logger } from '@headcount/core'
import { HeadcountError } from '@headcount/core'
import { createMetrics } from '@headcount/server'
import type { Settings } from '../settings/index.js'
import { AllMetrics } from './all-metrics.js'
import { controlWorker } from './control.js'
import { envOf } from './orders.js'
import { Pool, type WorkerProcess } from './pool.js'
import { portOf } from './port.js'
import type { Port } from './rpc.js'

export interface PrimaryOptions {
  /** How many workers. */
  readonly size: number
  /** What follows `headcount serve`: the workers run the same command. */
  readonly args: readonly string[]
  readonly settings: Settings
  /** Does what a worker's engine asks for. Returns what ends it when the worker has died. */
  host(worker: Port): () => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The process above the workers: it takes connections and deals them out, keeps the workers up, and has what is one
 * for all of them. Serves nothing itself.
 * @throws {HeadcountError} `bad_setting` in a process that another one has forked as its worker.
 */
export function workerPool(options: PrimaryOptions): Pool {
  const { size, args, clock, logger } = options
  if (!cluster.isPrimary) {
    throw new HeadcountError(
      'bad_setting',
      `--workers (HEADCOUNT_WORKERS): expected 1 in a process that is itself a worker of node:cluster, got ${size}`,
    )
  }
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('../../bin/headcount.js', import.meta.url)),
    args: ['serve', ...args],
  })
  const metrics = new AllMetrics(clock)
  const pool = new Pool({ size, clock, logger, fork: (worker) => fork(worker, metrics, options) })
  const own = createMetrics()
  metrics.add(() => own.text())
  metrics.add(async () => poolText(pool))
  return pool
}

function fork(worker: number, all: AllMetrics, options: PrimaryOptions): WorkerProcess {
  const { settings, host } = options
  const forked = cluster.fork(envOf({ worker, settings }))
  const port = portOf(forked.process)
  const end = host(port)
  let leave = (): void => {}
  let failure = ''
  const started = new Promise<void>((resolve, reject) => {
    const control = controlWorker(port, {
      metrics: () => all.text(),
      started() {
        const undo = all.add(control.metrics)
        leave = () => {
          undo()
          control.close()
        }
        resolve()
      },
      failed(error) {
        failure = `: ${error.message}`
        reject(error)
      },
    })
    leave = control.close
  })
  const gone = new Promise<string>((resolve) => {
    forked.once('exit', (code, signal) => resolve(signal || `exit code ${code}${failure}`))
    forked.on('error', ({ message }) => resolve(message))
  })
  const ended = gone.then(async (how) => {
    leave()
    await end()
    return how
  })
  return { pid: forked.process.pid, started, ended, kill: (signal) => void forked.process.kill(signal) }
}

/** The pool's own figures, in the Prometheus text format. */
function poolText({ size, replaced }: Pool): string {
  return [
    '# HELP headcount_workers Worker processes that run',
    '# TYPE headcount_workers gauge',
    `headcount_workers ${size}`,
    '',
    '# HELP headcount_workers_replaced_total Worker processes that died and were replaced',
    '# TYPE headcount_workers_replaced_total counter',
    `headcount_workers_replaced_total ${replaced}`,
    '',
  ].join('\n')
}
