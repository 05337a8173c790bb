import { phoenix } from './phoenix.mjs'
import { plain } from './plain.mjs'
import { raw } from './raw.mjs'
import { socketio } from './socketio.mjs'

/**
 * How a client of one system speaks.
 *
 * @typedef {object} Protocol
 * @property {(url: URL, client: LoadClient) => string | undefined} path The path of the upgrade request. Undefined: no
 *   upgrade, frames from the first byte on.
 * @property {boolean} greets Whether a client is ready only after the server's greeting: `text` calls `client.ready`.
 * @property {(client: LoadClient, event: string, payload: unknown, ref: string) => Buffer} push A frame: `phx_join`,
 *   `phx_leave`, and where the protocol has it `heartbeat`.
 * @property {boolean} replies Whether a push is answered; else it counts as answered when it is sent.
 * @property {(client: LoadClient, bytes: Buffer, start: number, end: number) => Buffer | undefined} text Reads the payload
 *   of a text frame into the client. May return a frame to send.
 *
 * @typedef {import('../client.mjs').LoadClient} LoadClient
 */

/** @satisfies {Record<string, Protocol>} */
export const protocols = { phoenix, socketio, plain, raw }

/** @typedef {keyof typeof protocols} ProtocolName */
