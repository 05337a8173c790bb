import { type Heard, taken } from '../client/frame.js'
import type { Recording } from './recording.js'

/** What a connection must hear: one frame, or how it ends. */
export interface Expected {
  /** The line of the recording that says so: due before the lines after it. */
  readonly line: number
  readonly conn: string
  /** In the words of `frameWords` or `endWords`. */
  readonly words: string
}

/**
 * What every connection of a recording must hear from a Headcount server, in order: the recorded replies, states and
 * closes, with the differences that the README allows. Diffs are not among them: how many carry a change may differ.
 */
export function expectedOf({ lines }: Recording): Expected[] {
  const expected: Expected[] = []
  /** (connection, topic) -> the last push there, and the join that Phoenix let crash and we did not. */
  const pushes = new Map<string, Heard>()
  const joins = new Map<string, Heard>()
  const survived = new Set<string>()
  for (const [line, each] of lines.entries()) {
    const expect = (words: string) => 'conn' in each && expected.push({ line, conn: each.conn, words })
    if (each.kind === 'refused') expect(refusedWords(403))
    else if (each.kind === 'ended') expect(endWords(each.code === 1011 ? { badFrame: true } : each))
    else if (each.kind === 'sent') {
      const push = taken(each.frame)
      pushes.set(placeOf(each.conn, push), push)
    } else if (each.kind === 'heard') {
      const frame = taken(each.frame)
      const place = placeOf(each.conn, frame)
      const push = pushes.get(place)
      const join = joins.get(place)
      if (frame.event === 'phx_error' && push !== undefined) {
        expect(frameWords(errorReply(push, join?.joinRef ?? null, 'unknown event')))
        survived.add(place)
      } else if (frame.event !== 'presence_diff') expect(frameWords(frame))
      if (push?.event !== 'phx_join' || frame.event !== 'phx_reply' || frame.ref !== push.ref) continue
      if (survived.delete(place)) expect(frameWords(closeOf(join!)))
      joins.set(place, frame)
    }
  }
  return expected
}

/** A frame but for what may differ: the order of keys, and the counts of a state, which the truths are held against. */
export function frameWords({ joinRef, ref, topic, event, payload }: Heard): string {
  const kept = event === 'presence_state' ? 'counts' : sorted(payload)
  return JSON.stringify([joinRef, ref, topic, event, kept])
}

/** How a connection ends: Phoenix answers a bad frame with 1011; ours with 1007 or 1008 and a reason. */
export function endWords(end: { code: number; reason?: string } | { badFrame: true }): string {
  const badFrame = 'badFrame' in end || ((end.code === 1007 || end.code === 1008) && end.reason !== '')
  return badFrame ? 'closed as after a bad frame, with a reason' : `closed with ${end.code}`
}

export function refusedWords(status: number): string {
  return `refused with ${status}`
}

function placeOf(conn: string, { topic }: Heard): string {
  return JSON.stringify([conn, topic])
}

function errorReply({ ref, topic }: Heard, joinRef: Heard['ref'], reason: string): Heard {
  return { joinRef, ref, topic, event: 'phx_reply', payload: { status: 'error', response: { reason } } }
}

function closeOf({ joinRef, topic }: Heard): Heard {
  return { joinRef, ref: joinRef, topic, event: 'phx_close', payload: {} }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
