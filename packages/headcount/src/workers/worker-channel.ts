import {
  type Clock,
  type Engine,
  HeadcountError,
  type HeadcountErrorCode,
  type Histories,
  type Relay,
  type ReplicaId,
  type Replicas,
  type Topic,
} from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import { type BirpcReturn, createBirpc } from 'birpc'
import type { Settings } from '../settings/complete.js'
import { Batched, type Port } from './batched.js'

/** The functions of the primary that the engine of a worker calls. */
export interface EngineFunctions extends Pick<Engine, 'unwatch' | 'read' | 'commit' | 'close'> {
  open(replica: ReplicaId, options: { readonly groups: number; readonly lease: number }): Promise<void>
  /** @param watch the number of this watch. The primary sends it with the topic's changes. */
  watch(topic: Topic, watch: number): Promise<Totals>
  readonly history: Histories['read']
  readonly replicas: Replicas['list']
  readonly rows: Replicas['rows']
  readonly send: Relay['send']
}

/** The functions of the primary that a worker calls. Over Redis its engine calls only `open` and `close`. */
export interface PrimaryFunctions extends Partial<EngineFunctions> {
  started(): void
  /** The worker cannot start. */
  failed(failure: Failure): void
  /** The metrics of all processes, in the Prometheus text format. */
  metrics(): Promise<string>
}

/** The functions of a worker that the primary calls. */
export interface WorkerFunctions {
  changed(topic: Topic, totals: Totals, watch: number): void
  received(text: string): void
  /** A snapshot of the worker's own metrics. */
  metrics(): Promise<object[]>
  /** Does nothing: the answer shows that the event loop runs. */
  ping(): void
  /** Applies the settings that can be replaced. */
  reload(settings: Settings): Promise<void>
}

export type Primary = BirpcReturn<Required<PrimaryFunctions>, WorkerFunctions>
export type Worker = BirpcReturn<WorkerFunctions, PrimaryFunctions>

/** A message of birpc: a call of the function `m` with the arguments `a`, or an answer, with an error `e`. */
interface Message {
  readonly m?: string
  readonly a?: readonly unknown[]
  readonly e?: unknown
}

/** Connects a worker and its primary: calls of the other end run `functions`. */
export function connect<Remote extends object, Local extends object>(port: Port, clock: Clock, functions: Local) {
  const batched = new Batched(port, clock)
  let unsubscribe = (): void => {}
  return createBirpc<Remote, Local>(functions, {
    // No timeout: a call ends with its answer, or when the other process exits.
    timeout: -1,
    bind: 'functions',
    post: (message: Message) => batched.send(message, message.m === 'changed' ? message.a?.[0] : message),
    on(listener) {
      unsubscribe = batched.subscribe(listener)
    },
    off: () => unsubscribe(),
    serialize: (message: Message) => ('e' in message ? { ...message, e: failureOf(message.e) } : message),
    deserialize: (message: Message) => ('e' in message ? { ...message, e: errorOf(message.e as Failure) } : message),
  })
}

/** An error as data. */
export interface Failure {
  readonly code?: HeadcountErrorCode
  readonly message: string
  readonly stack?: string | undefined
}

export function failureOf(error: unknown): Failure {
  if (error instanceof HeadcountError) return { code: error.code, message: error.message }
  return error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error) }
}

export function errorOf({ code, message, stack }: Failure): Error {
  return code === undefined ? Object.assign(new Error(message), { stack }) : new HeadcountError(code, message)
}
