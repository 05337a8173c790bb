import { textFrame } from '../frames.mjs'
import { digits } from './digits.mjs'

/**
 * What tutorials of `ws` build: `{"join":"topic"}` in, `{"count":12}` out.
 *
 * @type {import('./protocol.mjs').Protocol}
 */
export const plain = {
  path: () => '/',
  greets: false,
  replies: false,
  push: ({ topic }, event) => textFrame(JSON.stringify({ [event === 'phx_join' ? 'join' : 'leave']: topic })),
  text(client, bytes, start, end) {
    client.total = digits(bytes, start + '{"count":'.length, end)
    return undefined
  },
}
