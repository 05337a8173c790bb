import type { Counts } from '@headcount/protocol'
import type { ClientPlan } from './plan.js'

/** What the parent asks of a process full of clients; each is answered once. */
export type Order =
  /** Runs the clients, each to the end of its plan. */
  | { readonly kind: 'run'; readonly topic: string; readonly clients: readonly ClientOrder[] }
  /** Waits until the server has handled all that was sent. */
  | { readonly kind: 'settle' }
  /** Holds what is shown against the truth. */
  | { readonly kind: 'look'; readonly truth: Counts }
  /** Cuts every connection. */
  | { readonly kind: 'end' }

export interface ClientOrder {
  readonly plan: ClientPlan
  readonly token: string | undefined
  readonly urls: readonly string[]
}

/** What the clients of one process see, or of several. */
export interface Sight {
  /** How many are in the topic, observers included. */
  readonly inside: number
  /** What those show that do not show the truth. */
  readonly wrong: readonly string[]
  /** Breaches of exactness on the way. */
  readonly faults: readonly string[]
  /** Diffs heard: by all, and by the one connection that heard the most. Connections that are over not counted. */
  readonly diffs: number
  readonly mostDiffs: number
}

/** An order and its answer, as they pass between the processes. */
export interface Asked {
  readonly id: number
  readonly order: Order
}
export type Answer = { readonly id: number } & ({ readonly sight?: Sight | undefined } | { readonly error: string })
