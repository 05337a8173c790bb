import type { Counts } from '@headcount/protocol'
import { countsOf } from '../article/shown.js'
import { type Random, random } from '../random.js'

/** What a client of a storm does. Each but the first two takes for granted that the client is in the topic. */
export type Act =
  /** Opens a socket and joins. */
  | 'join'
  /** The same, as an observer. */
  | 'observe'
  /** Leaves the topic, and stays connected. */
  | 'leave'
  /** Leaves, and joins in the same breath. */
  | 'leave-and-join'
  /** Joins a second time, without having left. */
  | 'join-again'
  /** Says goodbye. */
  | 'close'
  /** Cuts the TCP connection. */
  | 'drop'
  /** Cuts the TCP connection with a reset. */
  | 'reset'

export interface ClientPlan {
  /** The user's id, or null: a viewer. */
  readonly user: string | null
  readonly vsn: 1 | 2
  /** `at` is in ms since the storm broke. */
  readonly acts: readonly { readonly at: number; readonly act: Act }[]
}

export interface Plan {
  readonly clients: readonly ClientPlan[]
  /** Who is in the topic when all is done. */
  readonly truth: Counts
}

/** Within so many ms every client has joined; so many later the last one has done its last act. */
const joinWithin = 1000
const churnWithin = 600

/** A random storm: everybody joins one topic within a second, and meanwhile some leave, drop and come back. */
export function planStorm(seed: number, clients: number): Plan {
  const dice = random(seed)
  const plans = Array.from({ length: clients }, (_, i) => planClient(dice, i))
  const inside = plans.filter(({ acts }) => counts(acts.at(-1)!.act))
  const users = inside.filter(({ user }) => user !== null).length
  return { clients: plans, truth: countsOf(users, inside.length - users) }
}

function planClient(dice: Random, index: number): ClientPlan {
  const observes = dice.chance(0.04)
  const acts: { at: number; act: Act }[] = []
  let at = dice.below(joinWithin)
  acts.push({ at, act: observes ? 'observe' : 'join' })
  const end = Math.min(at + churnWithin, joinWithin + churnWithin / 2)
  while (!observes && dice.chance(0.4)) {
    at += 1 + dice.below(end - at)
    acts.push({ at, act: next(dice, acts.at(-1)!.act) })
    if (end - at < 2) break
  }
  return { user: dice.chance(0.3) ? `user ${index}` : null, vsn: dice.chance(0.3) ? 1 : 2, acts }
}

function next(dice: Random, before: Act): Act {
  if (!counts(before)) return 'join'
  return dice.of(['leave', 'leave-and-join', 'join-again', 'close', 'drop', 'reset'] as const)
}

/** Whether a client counts after this act. */
function counts(act: Act): boolean {
  return act === 'join' || act === 'leave-and-join' || act === 'join-again'
}
