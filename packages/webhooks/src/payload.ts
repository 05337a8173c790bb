import type { Delivery, Level, TopicAbove, Transition } from '@headcount/core'
import { type Group, sumOf, toCounts } from '@headcount/protocol'
import type { Webhook } from './options.js'

/** The change of a topic: the first level is that of occupancy. */
export type Change = 'occupied' | 'vacant' | 'above' | 'below'

type Transitions = Extract<Delivery, { kind: 'transitions' }>

/** The body of a delivery, for the transitions that a webhook subscribes to; undefined if there are none. */
export function changesBody(
  { transitions }: Transitions,
  webhook: Webhook,
  groups: readonly Group[],
): string | undefined {
  const included = transitions.filter(({ topic, level }) => webhook.matches(topic) && hasLevel(webhook, level))
  if (included.length === 0) return undefined
  const changes = included.map(({ topic, level: { up }, direction, totals, version }) => ({
    topic,
    change: changeOf(up, direction),
    ...(up > 1 && { threshold: up }),
    counts: toCounts(groups, totals),
    version,
  }))
  return bodyOf('topics.changed', included.at(-1)!.version, { changes })
}

/**
 * The body of one part of a sync: the topics that are above a level of a webhook. Topics in no part are vacant, and
 * below every threshold.
 */
export function syncBody(
  topics: readonly TopicAbove[],
  { part, isLast, version }: { readonly part: number; readonly isLast: boolean; readonly version: number },
  { matches, levels }: Webhook,
  groups: readonly Group[],
): string {
  const included = topics.filter(({ topic, totals }) => matches(topic) && levels.some(({ up }) => sumOf(totals) >= up))
  const entries = included.map((one) => ({
    topic: one.topic,
    counts: toCounts(groups, one.totals),
    version: one.version,
  }))
  return bodyOf('topics.sync', version, { part, isLast, topics: entries })
}

/** @param version a time in µs, so that a repeated delivery has the same body. */
function bodyOf(type: string, version: number, data: object): string {
  return JSON.stringify({ type, timestamp: new Date(version / 1000).toISOString(), data })
}

function changeOf(up: number, direction: Transition['direction']): Change {
  if (up === 1) return direction === 'up' ? 'occupied' : 'vacant'
  return direction === 'up' ? 'above' : 'below'
}

function hasLevel({ levels }: Webhook, { up, down, delay }: Level): boolean {
  return levels.some((level) => level.up === up && level.down === down && level.delay === delay)
}
