import type { Change } from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import type { Context } from './context.js'

/** A change, or a part of one with many people, on its way to Redis. */
export interface Saying {
  readonly change: Change
  /** 1: let the topic's key live on. 2: and somebody of ours must be in it. */
  readonly refresh: 0 | 1 | 2
}

export interface Heard {
  readonly version: number
  readonly totals: Totals
  /** In how many ms this replica must publish, or -1. */
  readonly due: number
}

export type CommitAnswer =
  | { readonly kind: 'lost' | 'behind' | 'late' }
  | {
      readonly kind: 'kept'
      /** In how many ms the next lease of another replica lapses, or -1; -2 where nobody looked. */
      readonly lapse: number
      readonly lapsing: string
      readonly heard: readonly Heard[]
    }

/** How many topics and people one script call says at most: it holds Redis up for about a millisecond. */
const most = 400

/** Cuts what is to be said into calls. */
export function* calls(sayings: readonly Saying[]): Generator<Saying[]> {
  let call: Saying[] = []
  let size = 0
  for (const saying of sayings.flatMap(parts)) {
    const weight = 1 + saying.change.people.length
    if (size > 0 && size + weight > most) {
      yield call
      call = []
      size = 0
    }
    call.push(saying)
    size += weight
  }
  yield call
}

function parts(saying: Saying): Saying[] {
  const { people } = saying.change
  if (people.length < most) return [saying]
  const pieces: Saying[] = []
  for (let i = 0; i < people.length; i += most - 1) {
    pieces.push({ ...saying, change: { ...saying.change, people: people.slice(i, i + most - 1) } })
  }
  return pieces
}

/** One call of commit.lua. Its header says what is sent and answered. */
export async function sendCommit(
  context: Context,
  slot: number,
  call: readonly Saying[],
  number: number,
  kept: number,
  renew: boolean,
): Promise<CommitAnswer> {
  const { replica, keys, lease, ttl, publish, groups } = context
  const names = [keys.leases(slot), keys.of(slot, replica)]
  const args: (string | number)[] = [replica, lease, ttl, number, kept, publish, groups, renew ? 1 : 0]
  for (const { change, refresh } of call) {
    names.push(keys.topic(slot, change.topic))
    const { topic, interval, counts, people } = change
    args.push(topic, keys.channel(slot, topic), Math.ceil(interval), counts.join(' '), refresh)
    args.push(people.length)
    for (const { key, group } of people) args.push(key, group ?? '', '', '')
  }
  const [kind, lapse, lapsing, ...rest] = await context.scripts.commit.run(context.link, names, args)
  if (kind !== 'kept') return { kind: String(kind) as 'lost' }
  const heard = call.map((_, i) => ({
    version: Number(rest[3 * i]),
    totals: parseTotals(rest[3 * i + 1]),
    due: Number(rest[3 * i + 2]),
  }))
  return { kind: 'kept', lapse: Number(lapse), lapsing: String(lapsing), heard }
}

/** "12 340" */
export function parseTotals(text: unknown): number[] {
  return String(text).split(' ').map(Number)
}
