import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { HeadcountError } from '@headcount/core'
import { createMetrics } from '@headcount/server'
import { Counter, Gauge, Registry } from 'prom-client'
import { log } from '../log-events.js'
import type { Settings } from '../settings/complete.js'
import { portOf } from './batched.js'
import { ClusterMetrics, type Snapshot } from './cluster-metrics.js'
import type { EngineHost } from './engine-host.js'
import { closeLostConnections } from './lost-connections.js'
import { type PoolOptions, WorkerPool, type WorkerProcess } from './pool.js'
import { connect, errorOf, type PrimaryFunctions, type Worker, type WorkerFunctions } from './worker-channel.js'
import { type WorkerConfig, workerVariable } from './worker-config.js'

export interface PrimaryOptions extends Pick<PoolOptions, 'size' | 'clock' | 'logger'> {
  /** The arguments after `headcount serve`: workers run the same command, as process lists show. */
  readonly args: readonly string[]
  readonly settings: Settings
  host(worker: () => Worker): EngineHost
}

/** The dependencies that the workers of a primary share. */
interface Shared extends PrimaryOptions {
  settings: Settings
  readonly metrics: ClusterMetrics
  /** Those that listen. */
  readonly workers: Set<Worker>
}

/**
 * The workers of this process, the primary. It serves nothing itself: it hands connections to the workers, restarts
 * them, and has their shared state.
 * @throws {HeadcountError} `bad_setting` in a process that is itself a worker of node:cluster.
 */
export function primary(options: PrimaryOptions) {
  const { size, args, clock, logger } = options
  if (!cluster.isPrimary) {
    const expected = 'expected 1 in a process that is itself a worker of node:cluster'
    throw new HeadcountError('bad_setting', `--workers (HEADCOUNT_WORKERS): ${expected}, got ${size}`)
  }
  cluster.schedulingPolicy = cluster.SCHED_RR
  const exec = fileURLToPath(new URL('../../bin/headcount.js', import.meta.url))
  cluster.setupPrimary({ exec, args: ['serve', ...args] })
  const metrics = new ClusterMetrics(clock)
  const shared: Shared = { ...options, metrics, workers: new Set() }
  const pool = new WorkerPool({ size, clock, logger, fork: (worker) => fork(worker, shared) })
  const own = createMetrics()
  metrics.add(() => own.snapshot())
  metrics.add(() => poolMetrics(pool))
  return {
    pool,
    /** Of this process only. */
    metrics: own,
    /** Applies the settings that can be replaced to all workers, including later ones. Never rejects. */
    async reload(settings: Settings): Promise<void> {
      shared.settings = settings
      await Promise.all([...shared.workers].map((worker) => reload(worker, shared)))
    },
  }
}

async function reload(worker: Worker, { settings, logger }: Shared): Promise<void> {
  await worker.reload(settings).catch(({ message }) => log(logger, 'worker_not_reloaded', { reason: message }))
}

function fork(number: number, shared: Shared): WorkerProcess {
  const { settings, clock, host, metrics: all, workers } = shared
  const config: WorkerConfig = { worker: number, settings }
  const { process } = cluster.fork({ [workerVariable]: JSON.stringify(config) })
  closeLostConnections(process)
  const engineHost = host(() => worker)
  let worker!: Worker
  let removeMetrics = (): void => {}
  let failedWith = ''
  const started = new Promise<void>((resolve, reject) => {
    worker = connect<WorkerFunctions, PrimaryFunctions>(portOf(process), clock, {
      ...engineHost.functions,
      metrics: () => all.text(),
      started() {
        removeMetrics = all.add(() => worker.metrics())
        workers.add(worker)
        if (shared.settings !== settings) void reload(worker, shared)
        resolve()
      },
      failed(failure) {
        failedWith = `: ${failure.message}`
        reject(errorOf(failure))
      },
    })
  })
  const exited = new Promise<string>((resolve) => {
    process.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}${failedWith}`))
    process.once('error', ({ message }) => resolve(message))
  }).then(async (reason) => {
    removeMetrics()
    workers.delete(worker)
    worker.$close()
    await engineHost.close()
    return reason
  })
  return { pid: process.pid, started, exited, ping: () => worker.ping(), kill: (signal) => void process.kill(signal) }
}

function poolMetrics(pool: WorkerPool): Promise<Snapshot> {
  const registers = [new Registry()]
  new Gauge({ name: 'headcount_workers', help: 'Running worker processes', registers }).set(pool.size)
  const help = 'Worker processes restarted after they exited'
  new Counter({ name: 'headcount_workers_restarted_total', help, registers }).inc(pool.restarts)
  return registers[0]!.getMetricsAsJSON()
}
