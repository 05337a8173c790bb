import { textFrame } from '../frames.mjs'

/**
 * Phoenix Channels, V2. A client counts as the article's reducer does: it sets on `presence_state`, and on `presence_diff` adds
 * what joined and takes away what left. What it shows is therefore right only where it was told everything once.
 *
 * @type {import('./protocol.mjs').Protocol}
 */
export const phoenix = {
  path: '/socket/websocket?vsn=2.0.0',
  opened: (topic) => [join(topic)],
  join,
  leave: (topic) => textFrame(JSON.stringify(['1', '2', topic, 'phx_leave', {}])),
  text(client, bytes, start, end) {
    const [, , , event, payload] = JSON.parse(bytes.toString('latin1', start, end))
    if (event === 'presence_state') client.count = total(payload)
    else if (event === 'presence_diff') client.count += total(payload.joins) - total(payload.leaves)
    return undefined
  },
  heartbeat: textFrame(JSON.stringify([null, '3', 'phoenix', 'heartbeat', {}])),
}

/** @param {string} topic */
function join(topic) {
  return textFrame(JSON.stringify(['1', '1', topic, 'phx_join', {}]))
}

/** @param {Record<string, { count: number }>} counts */
function total(counts) {
  let sum = 0
  for (const group in counts) sum += counts[group]?.count ?? 0
  return sum
}
