import type { CrowdSize } from '../crowd/size.js'
import { HeadcountError, type HeadcountErrorCode } from '../errors.js'
import type { DemoOptions } from '../http/demo.js'
import type { Metrics } from '../metrics/metrics.js'
import { type Port, rpc } from './rpc.js'

/** The conversation of a worker and the primary about everything but counts. */
const subject = 'control'

type Crowd = DemoOptions['crowd']
type CrowdNow = Pick<Crowd, 'wanted' | 'here'>

/** An error, as it goes from one process to another. */
interface Failure {
  readonly code?: HeadcountErrorCode
  readonly message: string
  readonly stack?: string
}

/** What the primary does for a worker. */
export interface WorkerControl {
  /** It listens. */
  started(): void
  /** It cannot start. */
  failed(error: Error): void
  /** The metrics of all workers. */
  metrics(): Promise<string>
  /** The demo's crowd, where the demo is on. */
  readonly crowd: Crowd | undefined
}

/** The primary's end. `metrics` are those of this worker alone. */
export function controlWorker(port: Port, { started, failed, metrics, crowd }: WorkerControl) {
  const worker = rpc(port, subject, {
    started,
    failed: (failure: Failure) => failed(errorOf(failure)),
    metrics,
    crowd: (): CrowdNow | undefined => crowd && { wanted: crowd.wanted, here: crowd.here },
    resize: (size: CrowdSize) => crowd?.resize(size),
  })
  return { metrics: () => worker.call<string>('metrics'), close: () => worker.close() }
}

/** The primary, as a worker sees it. */
export interface Primary {
  started(): void
  failed(error: unknown): void
  /** The worker's own metrics, but for the text: that is of all workers. */
  readonly metrics: Metrics
  /** The demo's crowd, which is the primary's: as it was when it was last asked for. */
  readonly crowd: Crowd & { refresh(): Promise<void> }
}

/** The worker's end. @param own the worker's own metrics. */
export function controlledBy(port: Port, own: Metrics): Primary {
  const primary = rpc(port, subject, { metrics: () => own.text() })
  const nobody: CrowdSize = { viewers: 0, users: 0 }
  let now: CrowdNow = { wanted: nobody, here: nobody }
  return {
    started: () => primary.tell('started', undefined),
    failed: (error) => primary.tell('failed', failureOf(error)),
    metrics: { ...own, text: () => primary.call('metrics') },
    crowd: {
      get wanted() {
        return now.wanted
      },
      get here() {
        return now.here
      },
      resize(size) {
        now = { ...now, wanted: size }
        primary.tell('resize', size)
      },
      async refresh() {
        now = (await primary.call<CrowdNow | undefined>('crowd')) ?? now
      },
    },
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof HeadcountError) return { code: error.code, message: error.message }
  if (!(error instanceof Error)) return { message: String(error) }
  return { message: error.message, ...(error.stack && { stack: error.stack }) }
}

function errorOf({ code, message, stack }: Failure): Error {
  if (code !== undefined) return new HeadcountError(code, message)
  return Object.assign(new Error(message), { stack })
}
