import type { Group, Totals } from './counts.js'
import type { Ref, Vsn } from './message.js'

/** JSON has numbers of any size. */
const refText = (ref: Ref): string => (typeof ref === 'bigint' ? String(ref) : JSON.stringify(ref))

/** The text of one message. `payload` is JSON. */
function frame(vsn: Vsn, joinRef: Ref, ref: Ref, topic: string, event: string, payload: string): string {
  return vsn === 2
    ? `[${refText(joinRef)},${refText(ref)},${JSON.stringify(topic)},"${event}",${payload}]`
    : `{"topic":${JSON.stringify(topic)},"event":"${event}","payload":${payload},"ref":${refText(ref)}}`
}

export function encodeOk(vsn: Vsn, joinRef: Ref, ref: Ref, topic: string): string {
  return frame(vsn, joinRef, ref, topic, 'phx_reply', '{"status":"ok","response":{}}')
}

export function encodeError(vsn: Vsn, joinRef: Ref, ref: Ref, topic: string, reason: string): string {
  const payload = `{"status":"error","response":{"reason":${JSON.stringify(reason)}}}`
  return frame(vsn, joinRef, ref, topic, 'phx_reply', payload)
}

/** `phx_close`: the channel that joined with `joinRef` has closed. */
export function encodeClose(vsn: Vsn, joinRef: Ref, topic: string): string {
  return frame(vsn, joinRef, joinRef, topic, 'phx_close', '{}')
}

/** `phx_error`: the server closed the channel that joined with `joinRef`. Clients rejoin; the reply has the reason. */
export function encodeChannelError(vsn: Vsn, joinRef: Ref, topic: string): string {
  return frame(vsn, joinRef, joinRef, topic, 'phx_error', '{}')
}

/** `presence_state`: the counts that replace those of a channel. */
export function encodeState(vsn: Vsn, joinRef: Ref, topic: string, counts: string): string {
  return frame(vsn, joinRef, null, topic, 'presence_state', counts)
}

/** `presence_diff`: the same text for every channel of a topic. */
export function encodeDiff(vsn: Vsn, topic: string, joins: string, leaves: string, counts: string): string {
  return frame(vsn, null, null, topic, 'presence_diff', `{"joins":${joins},"leaves":${leaves},"counts":${counts}}`)
}

/**
 * Counts as JSON, in the order of the groups: `{"users":{"count":1},"viewers":{"count":2}}`.
 * @param below as in `toCounts`.
 */
export function encodeCounts(groups: readonly Group[], totals: Totals, below = 0): string {
  const suffix = (i: number): string => (below > 0 && !totals[i] ? `,"below":${below}` : '')
  return `{${groups.map((group, i) => `${JSON.stringify(group)}:{"count":${totals[i] ?? 0}${suffix(i)}}`).join(',')}}`
}
