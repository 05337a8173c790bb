import { textFrame } from './frames.mjs'

/** @typedef {import('./protocols.mjs').Protocol} Protocol */

/** The protocol of `ws` tutorials: `{"join":"topic"}` in, `{"count":12}` out. @type {Protocol} */
export const plain = {
  path: () => '/',
  greets: false,
  replies: ['phx_join'],
  push({ topic }, event) {
    if (event === 'heartbeat') return undefined
    return textFrame(JSON.stringify({ [event === 'phx_join' ? 'join' : 'leave']: topic }))
  },
  text(client, bytes, start, end) {
    counted(client, bytes, start + '{"count":'.length, end)
    return undefined
  },
}

/** Socket.IO's protocol 5 on Engine.IO's protocol 4, as a client with `transports: ['websocket']`. @type {Protocol} */
export const socketio = {
  path: () => '/socket.io/?EIO=4&transport=websocket',
  greets: true,
  replies: ['phx_join'],
  push({ topic }, event) {
    if (event === 'heartbeat') return undefined
    return textFrame(`42["${event === 'phx_join' ? 'join' : 'leave'}","${topic}"]`)
  },
  text(client, bytes, start, end) {
    const packet = bytes.toString('latin1', start, Math.min(end, start + 2))
    if (packet === '2') return textFrame('3')
    if (packet.startsWith('0')) return textFrame('40')
    if (packet === '40') client.ready()
    else if (packet === '42') counted(client, bytes, start + '42["count",'.length, end)
    return undefined
  },
}

/** Frames from the first byte, none sent, no counts: for the lower bound of a fan-out. @type {Protocol} */
export const raw = { path: () => undefined, greets: false, replies: [], push: () => undefined, text: () => undefined }

/**
 * The total is the decimal number that begins at `start`; a join is answered by the first one.
 * @param {import('./client.mjs').LoadClient} client
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 */
function counted(client, bytes, start, end) {
  client.total = Number.parseInt(bytes.toString('latin1', start, end), 10)
  client.replied(client.joinRef, { status: 'ok' })
}
