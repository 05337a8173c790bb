import { textFrame } from './frames.mjs'

/**
 * Phoenix Channels, V2 or V1. The client's total is that of the 2018 article's reducer.
 * @type {import('./protocols.mjs').Protocol}
 */
export const phoenix = {
  path: (url, client) => pathOf(url, client, 'websocket'),
  greets: false,
  replies: ['phx_join', 'phx_leave', 'heartbeat'],
  push: (...args) => textFrame(messageOf(...args)),
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

/** The same over long polls. @type {import('./protocols.mjs').Protocol} */
export const longPoll = {
  ...phoenix,
  polls: true,
  path: (url, client) => pathOf(url, client, 'longpoll'),
  push: (...args) => Buffer.from(messageOf(...args)),
}

/** @param {URL} url @param {import('./client.mjs').LoadClient} client @param {string} transport */
function pathOf(url, { vsn, clientId, token }, transport) {
  const base = url.pathname === '/' ? '/socket' : url.pathname.replace(/\/(websocket)?$/, '')
  const query = new URLSearchParams(url.search)
  query.set('vsn', `${vsn}.0.0`)
  if (clientId !== undefined) query.set('client_id', clientId)
  // WebSockets offer it in a subprotocol.
  if (transport === 'longpoll' && token !== undefined) query.set('token', token)
  return `${base}/${transport}?${query}`
}

/** @type {(client: import('./client.mjs').LoadClient, event: string, payload: unknown, ref: string) => string} */
function messageOf({ vsn, topic, joinRef }, event, payload, ref) {
  const to = event === 'heartbeat' ? 'phoenix' : topic
  return JSON.stringify(vsn === 1 ? { topic: to, event, payload, ref } : [joinRef, ref, to, event, payload])
}
