import type { Metrics } from '@headcount/core'
import { HeadcountError, type HeadcountErrorCode } from '@headcount/core'
import { type Port, rpc } from './rpc.js'

/** The conversation of a worker and the primary about everything but counts. */
const subject = 'control'

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
}

/** The primary's end. `metrics` are those of this worker alone. */
export function controlWorker(port: Port, { started, failed, metrics }: WorkerControl) {
  const worker = rpc(port, subject, {
    started,
    failed: (failure: Failure) => failed(errorOf(failure)),
    metrics,
  })
  return { metrics: () => worker.call<string>('metrics'), close: () => worker.close() }
}

/** The primary, as a worker sees it. */
export interface Primary {
  started(): void
  failed(error: unknown): void
  /** The worker's own metrics, but for the text: that is of all workers. */
  readonly metrics: Metrics
}

/** The worker's end. @param own the worker's own metrics. */
export function controlledBy(port: Port, own: Metrics): Primary {
  const primary = rpc(port, subject, { metrics: () => own.text() })
  return {
    started: () => primary.tell('started', undefined),
    failed: (error) => primary.tell('failed', failureOf(error)),
    metrics: { ...own, text: () => primary.call('metrics') },
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
