const empty = Buffer.alloc(0)

/**
 * Frames from the first byte on, none sent, and no counts: for the lower bound of a fan-out.
 *
 * @type {import('./protocol.mjs').Protocol}
 */
export const raw = {
  path: () => undefined,
  greets: false,
  replies: false,
  push: () => empty,
  text: () => undefined,
}
