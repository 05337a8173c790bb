import { textFrame } from '../frames.mjs'
import { digits } from './digits.mjs'

/**
 * What a tutorial of `ws` makes up: `{"join":"topic"}` in, `{"count":12}` out.
 *
 * @type {import('./protocol.mjs').Protocol}
 */
export const plain = {
  path: '/',
  opened: (topic) => [join(topic)],
  join,
  leave: (topic) => textFrame(JSON.stringify({ leave: topic })),
  text(client, bytes, start, end) {
    client.count = digits(bytes, start + '{"count":'.length, end)
    return undefined
  },
  heartbeat: undefined,
}

/** @param {string} topic */
function join(topic) {
  return textFrame(JSON.stringify({ join: topic }))
}
