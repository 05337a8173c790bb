const nothing = Buffer.alloc(0)

/**
 * Frames from the first byte on, and nothing to say: what the floor of a fan-out is read with. Its text is not a count.
 *
 * @type {import('./protocol.mjs').Protocol}
 */
export const raw = {
  path: undefined,
  opened: () => [],
  join: () => nothing,
  leave: () => nothing,
  text: () => undefined,
  heartbeat: undefined,
}
