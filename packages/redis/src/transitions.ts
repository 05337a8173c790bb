import { type Delivery, maxDelivery, type TopicAbove, type Transition, type Transitions } from '@headcount/core'
import { unreachable } from './errors.js'
import { homeSlot } from './keys.js'
import { readTopics } from './read-topics.js'
import { parseNumbers, Script } from './script.js'
import type { SlotContext } from './slot-context.js'
import type { ExpiringSlot } from './slot-expiry.js'

/** How many topics pass due levels in one call, and how many one part of `topicsAbove` has. */
const perCall = 100

const scripts = { due: new Script('due'), lead: new Script('lead'), transitions: new Script('transitions') }

/** The transitions of a cluster over Redis. lua/levels.lua records them in the step that changes the totals. */
export class RedisTransitions implements Transitions {
  /** @param slots of the open engine; throws if it is closed. */
  constructor(private readonly slots: () => readonly ExpiringSlot[]) {}

  async lead(): Promise<boolean> {
    const home = this.slots()[homeSlot]!
    const [isLeader] = await attempt(scripts.lead.run(home, [home.slotKeys.leader], [home.replica, home.lease]))
    return isLeader === 1
  }

  async next(receiver: string): Promise<Delivery | undefined> {
    const slots = this.slots()
    const given = await attempt(Promise.all(slots.map((slot) => nextOf(slot, receiver))))
    const syncs = given.flatMap((one, i) => (one?.kind === 'sync' ? [`${i}:${one.id}`] : []))
    if (syncs.length > 0) return { kind: 'sync', id: syncs.join(',') }
    const slot = given.findIndex((one) => one !== undefined)
    const found = given[slot]
    return found && { ...found, id: `${slot}:${found.id}` }
  }

  async acknowledge(receiver: string, id: string): Promise<void> {
    const slots = this.slots()
    const parts = id.split(',').map((part) => part.split(':'))
    await attempt(
      Promise.all(parts.map(([slot, version = '']) => take(slots[Number(slot)]!, receiver, { acknowledges: version }))),
    )
  }

  async skip(receiver: string): Promise<void> {
    await attempt(Promise.all(this.slots().map((slot) => take(slot, receiver, { skips: true }))))
  }

  async waiting(): Promise<number> {
    const lengths = this.slots().map(({ requests, slotKeys }) => {
      const [, , passed] = slotKeys.transitions
      return requests.send(passed, ['XLEN', passed])
    })
    return (await attempt(Promise.all(lengths))).reduce<number>((sum, length) => sum + Number(length), 0)
  }

  async *topicsAbove(): AsyncGenerator<readonly TopicAbove[]> {
    for (const slot of this.slots()) {
      const [key] = slot.slotKeys.transitions
      let cursor = '0'
      do {
        const reply = attempt(slot.requests.send(key, ['HSCAN', key, cursor, 'COUNT', String(perCall)]))
        const [next, fields] = (await reply) as [string, string[]]
        cursor = String(next)
        const topics = fields.filter((_, i) => i % 2 === 0).map(String)
        if (topics.length === 0) continue
        const version = await attempt(microsOf(slot))
        const totals = await attempt(readTopics(slot, topics))
        yield topics.map((topic, i) => ({ topic, totals: totals[i]!, version }))
      } while (cursor !== '0')
    }
  }
}

/** Passes the levels that are due, then reads the next transitions. */
async function nextOf(slot: SlotContext, receiver: string): Promise<Delivery | undefined> {
  const { slotKeys } = slot
  const [, due] = slotKeys.transitions
  const now = Math.floor((await microsOf(slot)) / 1000)
  const found = await slot.requests.send(due, ['ZRANGEBYSCORE', due, '-inf', `${now}`, 'LIMIT', '0', `${perCall}`])
  const names = (found as unknown[]).map(String)
  if (names.length > 0) {
    const topics = names.map((name) => slotKeys.topic(name.slice(name.indexOf(' ') + 1)))
    await scripts.due.run(slot, [...slotKeys.transitions, ...topics], names)
  }
  return take(slot, receiver, {})
}

interface Taking {
  readonly acknowledges?: string
  readonly skips?: boolean
}

async function take(slot: SlotContext, receiver: string, { acknowledges = '', skips = false }: Taking) {
  const args = [receiver, acknowledges, skips ? 1 : 0, maxDelivery]
  const [kind, id, entries] = await scripts.transitions.run(slot, slot.slotKeys.transitions, args)
  if (kind === 'none') return undefined
  if (kind === 'sync') return { kind, id: String(id) } as const
  const transitions = (entries as [string, string[]][]).map(transitionOf)
  return { kind: 'transitions', id: String(id), transitions } as const
}

/** Reads an entry of the stream, whose fields are in the order in which levels.lua writes them. */
function transitionOf([id, fields]: [string, readonly string[]]): Transition {
  const [, topic, , level = '', , direction, , totals] = fields.map(String)
  const [up, down, delay] = level.split(':').map(Number)
  return {
    topic: topic!,
    level: { up: up!, down: down!, delay: delay! },
    direction: direction === 'up' ? 'up' : 'down',
    totals: parseNumbers(totals),
    version: Number(String(id).split('-')[0]),
  }
}

/** The time of the node that has a slot, in µs. */
async function microsOf({ requests, slotKeys }: SlotContext): Promise<number> {
  const [seconds, micros] = (await requests.send(slotKeys.probe, ['TIME'])) as [string, string]
  return Number(seconds) * 1_000_000 + Number(micros)
}

async function attempt<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw unreachable(error)
  }
}
