import { phoenix } from './phoenix.mjs'
import { plain } from './plain.mjs'
import { raw } from './raw.mjs'
import { socketio } from './socketio.mjs'

/**
 * How a client of one system speaks. Pure: it is told what came and says what to send.
 *
 * @typedef {object} Protocol
 * @property {string | undefined} path Of the upgrade; without one, frames are read from the first byte on.
 * @property {(topic: string) => readonly Buffer[]} opened What to send once the upgrade is answered.
 * @property {(topic: string) => Buffer} join
 * @property {(topic: string) => Buffer} leave
 * @property {(client: Counting, bytes: Buffer, start: number, end: number) => Buffer | undefined} text Reads a text frame
 *   into the client's count. May answer.
 * @property {Buffer | undefined} heartbeat Sent by every client twice a minute, where the protocol asks for it.
 */

/**
 * What a client has been told: its count, -1 before the first.
 *
 * @typedef {{ count: number, topic: string }} Counting
 */

/** @satisfies {Record<string, Protocol>} */
export const protocols = { phoenix, socketio, plain, raw }

/** @typedef {keyof typeof protocols} ProtocolName */
