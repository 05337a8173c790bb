import { textFrame } from './frames.mjs'

/**
 * Phoenix Channels, V2 or V1. The client's total is what the 2018 article's reducer shows.
 * @type {import('./protocols.mjs').Protocol}
 */
export const phoenix = {
  path(url, { vsn, clientId }) {
    const base = url.pathname === '/' ? '/socket' : url.pathname.replace(/\/(websocket)?$/, '')
    const query = new URLSearchParams(url.search)
    query.set('vsn', `${vsn}.0.0`)
    if (clientId !== undefined) query.set('client_id', clientId)
    return `${base}/websocket?${query}`
  },
  greets: false,
  replies: ['phx_join', 'phx_leave', 'heartbeat'],
  push({ vsn, topic, joinRef }, event, payload, ref) {
    const to = event === 'heartbeat' ? 'phoenix' : topic
    const message = vsn === 1 ? { topic: to, event, payload, ref } : [joinRef, ref, to, event, payload]
    return textFrame(JSON.stringify(message))
  },
  text(client, bytes, start, end) {
    const message = JSON.parse(bytes.toString('utf8', start, end))
    const fields = [null, message.ref, message.topic, message.event, message.payload]
    const [joinRef, ref, topic, event, payload] = Array.isArray(message) ? message : fields
    if (event === 'phx_reply') client.replied(ref, payload)
    else if (topic === client.topic) {
      client.presence.apply(event, payload)
      if (event === 'presence_state' || client.total >= 0) client.total = client.presence.total
      if (/^phx_(error|close)$/.test(event) && joinRef === client.joinRef)
        client.listener.channelClosed?.(client, event)
    }
    return undefined
  },
}

/** The same, joined as an observer. @type {import('./protocols.mjs').Protocol} */
export const observer = {
  ...phoenix,
  push: (client, event, payload, ref) =>
    phoenix.push(client, event, event === 'phx_join' ? { observe: true } : payload, ref),
}
