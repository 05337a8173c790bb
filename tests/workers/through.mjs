/**
 * A second channel in the first one: messages of either are none of the other's business.
 *
 * @param {import('../../packages/server/dist/workers/rpc.js').Port} port
 * @returns {import('../../packages/server/dist/workers/rpc.js').Port}
 */
export function through(port) {
  return {
    send: (message) => port.send({ through: message }),
    on: (listener) =>
      port.on((message) => {
        const { through } = /** @type {{ through?: unknown }} */ (message)
        if (through !== undefined) listener(through)
      }),
  }
}
