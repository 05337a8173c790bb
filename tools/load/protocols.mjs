import { plain, raw, socketio } from './peer-protocols.mjs'
import { longPoll, observer, phoenix } from './phoenix-protocol.mjs'
import { stream } from './stream-protocol.mjs'

/**
 * The protocol of a client of one system.
 *
 * @typedef {object} Protocol
 * @property {boolean} [polls] Whether its connections are long polls.
 * @property {(url: URL, client: LoadClient) => string | undefined} path Of the upgrade request. Undefined: no upgrade.
 * @property {typeof import('./frames.mjs').readFrames} [read] Splits the server's bytes, if they are not WebSocket
 * frames.
 * @property {boolean} greets Whether the server sends first: `text` then calls `client.ready`.
 * @property {readonly string[]} replies The events that the server answers: `text` then calls `client.replied`.
 * @property {(client: LoadClient, event: string, payload: unknown, ref: string) => Buffer | undefined} push The frame
 *   of `phx_join`, `phx_leave` or `heartbeat`; undefined if the protocol has none.
 * @property {(client: LoadClient, bytes: Buffer, start: number, end: number) => Buffer | undefined} text Reads the
 *   payload of a text frame into the client. May return a frame to send.
 *
 * @typedef {import('./client.mjs').LoadClient} LoadClient
 */

/** @satisfies {Record<string, Protocol>} */
export const protocols = { phoenix, longPoll, observer, stream, socketio, plain, raw }

/** @typedef {keyof typeof protocols} ProtocolName */
