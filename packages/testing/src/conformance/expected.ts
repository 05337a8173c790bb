import { type Frame, frameOf } from '../client/frame.js'
import type { Recording } from './recording.js'

/** An event that a connection must receive: one frame, or its close. */
export interface Expected {
  /** Index of the line of the recording that requires it. It is due before the later lines. */
  readonly line: number
  readonly conn: string
  /** As `frameText`, `closeText` or `refusedText` write it. */
  readonly text: string
}

/**
 * The events that every connection of a recording must receive from a Headcount server, in order: the recorded
 * replies, states and closes, with the differences that the README allows. Diffs are omitted, because a server may
 * combine changes.
 */
export function expectedOf({ lines }: Recording): Expected[] {
  const expected: Expected[] = []
  /** By connection and topic: the last push, the last join's reply, and channels that crashed only in Phoenix. */
  const pushes = new Map<string, Frame>()
  const joins = new Map<string, Frame>()
  const survived = new Set<string>()
  for (const [line, each] of lines.entries()) {
    const expect = (text: string) => 'conn' in each && expected.push({ line, conn: each.conn, text })
    if (each.kind === 'refused') expect(refusedText(403))
    else if (each.kind === 'closed') expect(closeText(each.code === 1011 ? { badFrame: true } : each))
    else if (each.kind === 'sent') {
      const push = frameOf(each.frame)
      pushes.set(channelOf(each.conn, push), push)
    } else if (each.kind === 'received') {
      const frame = frameOf(each.frame)
      const channel = channelOf(each.conn, frame)
      const push = pushes.get(channel)
      const join = joins.get(channel)
      if (frame.event === 'phx_error' && push !== undefined) {
        expect(frameText(errorReply(push, join?.joinRef ?? null, 'unknown event')))
        survived.add(channel)
      } else if (frame.event !== 'presence_diff') expect(frameText(frame))
      if (push?.event !== 'phx_join' || frame.event !== 'phx_reply' || frame.ref !== push.ref) continue
      if (survived.delete(channel)) expect(frameText(closeOf(join!)))
      joins.set(channel, frame)
    }
  }
  return expected
}

/** A frame without what may differ: the order of keys, and the counts of a state, which the truths verify. */
export function frameText({ joinRef, ref, topic, event, payload }: Frame): string {
  const compared = event === 'presence_state' ? 'counts' : sortKeys(payload)
  return JSON.stringify([joinRef, ref, topic, event, compared])
}

/** A close. Phoenix closes with 1011 after a bad frame; Headcount with 1007 or 1008 and a reason. */
export function closeText(close: { code: number; reason?: string } | { badFrame: true }): string {
  const badFrame = 'badFrame' in close || ((close.code === 1007 || close.code === 1008) && close.reason !== '')
  return badFrame ? 'closed for a bad frame, with a reason' : `closed with ${close.code}`
}

export function refusedText(status: number): string {
  return `refused with ${status}`
}

function channelOf(conn: string, { topic }: Frame): string {
  return JSON.stringify([conn, topic])
}

function errorReply({ ref, topic }: Frame, joinRef: Frame['joinRef'], reason: string): Frame {
  return { joinRef, ref, topic, event: 'phx_reply', payload: { status: 'error', response: { reason } } }
}

function closeOf({ joinRef, topic }: Frame): Frame {
  return { joinRef, ref: joinRef, topic, event: 'phx_close', payload: {} }
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, sortKeys(inner)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
