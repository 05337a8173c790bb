/**
 * A second channel in an existing one.
 *
 * @param {import('../workers/batched.js').Port} port
 * @returns {import('../workers/batched.js').Port}
 */
export const taggedPort = (port) => ({
  send: (message, sent) => port.send({ test: message }, sent),
  subscribe: (listener) => port.subscribe((message) => listener(/** @type {{ test?: unknown }} */ (message).test)),
})
