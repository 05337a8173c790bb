/**
 * The flush rule of the server, restated: it is not part of what `@headcount/server` exports. tests/bench/simulate.test.ts holds a
 * server to it.
 *
 * @typedef {object} Flush
 * @property {number} minimum Shortest time between two flushes of a topic, in ms.
 * @property {number} maximum Longest, in ms.
 * @property {number} framesPerSecond How many frames a second one topic may cost on one replica.
 * @property {number} share How much of a thread's time telling may take.
 */

/** @type {Flush} */
export const defaultFlush = { minimum: 50, maximum: 2000, framesPerSecond: 4000, share: 0.5 }

/**
 * How long, in ms, a topic that was told to so many sockets is not told again.
 *
 * @param {number} sockets
 * @param {Omit<Flush, 'share'>} flush
 */
export function flushInterval(sockets, { minimum, maximum, framesPerSecond }) {
  return Math.min(Math.max(Math.ceil((sockets * 1000) / framesPerSecond), minimum), maximum)
}

/** How far, in ms, a replica's telling may run ahead of its share. */
export const ahead = 50
