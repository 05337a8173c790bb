import type { Counts } from '@headcount/protocol'
import { countsOf, type Random, random } from '@headcount/testing'
import type { Act, Script } from '@headcount/tools/load/scripted-client.mjs'

export interface StormOptions {
  readonly seed: number
  readonly clients: number
  readonly topic: string
  readonly urls: readonly string[]
  tokenOf(user: string): string
  /** Clients poll, instead of using WebSockets. */
  readonly polls?: boolean
}

/** All clients join within this time, in ms, and then act for a further time. */
const joinWithin = 1000
const actWithin = 600

/**
 * A random storm: every client joins one topic within a second, while others leave, disconnect and reconnect.
 * @returns the clients' scripts, and the counts at the end.
 */
export function planStorm(options: StormOptions): { readonly scripts: Script[]; readonly truth: Counts } {
  const random_ = random(options.seed)
  const scripts = Array.from({ length: options.clients }, (_, i) => scriptOf(random_, i, options))
  const counted = scripts.filter(({ steps }) => isCounted(steps.at(-1)!.act))
  const users = counted.filter(({ token }) => token !== undefined).length
  return { scripts, truth: countsOf(users, counted.length - users) }
}

function scriptOf(random: Random, i: number, { topic, urls, tokenOf, polls }: StormOptions): Script {
  const observes = random.chance(0.04)
  let at = random.below(joinWithin)
  const steps: { at: number; act: Act }[] = [{ at, act: observes ? 'observe' : 'join' }]
  const end = Math.min(at + actWithin, joinWithin + actWithin / 2)
  while (!observes && end - at >= 2 && random.chance(0.4)) {
    at += 1 + random.below(end - at)
    steps.push({ at, act: nextAct(random, steps.at(-1)!.act) })
  }
  return {
    topic,
    ...(polls && { protocol: 'longPoll' as const }),
    // The first connection is to one server, the next one to another.
    urls: [...urls.slice(i % urls.length), ...urls.slice(0, i % urls.length)].map((url) => url.replace('http', 'ws')),
    vsn: random.chance(0.3) ? 1 : 2,
    token: random.chance(0.3) ? tokenOf(`user ${i}`) : undefined,
    steps,
  }
}

function nextAct(random: Random, before: Act): Act {
  if (!isCounted(before)) return 'join'
  return random.of(['leave', 'leave-and-join', 'join-again', 'close', 'drop', 'reset'] as const)
}

/** Whether a client is counted after this act. */
function isCounted(act: Act): boolean {
  return act === 'join' || act === 'leave-and-join' || act === 'join-again'
}
