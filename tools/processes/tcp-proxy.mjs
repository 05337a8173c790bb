import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** @typedef {Awaited<ReturnType<typeof startProxy>>} TcpProxy */

/**
 * Starts a TCP proxy on 127.0.0.1 that can fail as a network does.
 *
 * @param {number} target The port of 127.0.0.1 that it forwards to.
 */
export async function startProxy(target) {
  /** @type {'open' | 'partitioned' | 'held' | 'crashed'} */
  let state = 'open'
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  /** @type {(() => void)[]} */
  const held = []

  /** @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
  const forward = (from, to) => {
    sockets.add(from)
    from.on('data', (bytes) => {
      if (state === 'open') to.write(bytes)
      else if (state === 'held') held.push(() => void to.write(bytes))
    })
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      // Held bytes still arrive, although their sender has closed the connection.
      if (held.length > 0) held.push(() => void to.end())
      else to.destroy()
    })
  }
  const closeAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((near) => {
    if (state === 'crashed') return void near.destroy()
    const far = connect(target, '127.0.0.1')
    forward(near, far)
    forward(far, near)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())

  return {
    port,
    /** `redis://127.0.0.1:4321` */
    redisUrl: `redis://127.0.0.1:${port}`,
    /** Drops all bytes both ways, as a cut cable does: connections stay open and silent. */
    partition: () => {
      state = 'partitioned'
    },
    /** Closes every connection and accepts none, as a host that is down. */
    crash: () => {
      state = 'crashed'
      closeAll()
    },
    /** Holds all bytes back; `heal` delivers them. */
    hold: () => {
      state = 'held'
    },
    /** Forwards new bytes while the held ones stay held. */
    pass: () => {
      state = 'open'
    },
    /** Forwards again. Connections that lost bytes are closed. */
    heal: () => {
      if (state === 'partitioned') closeAll()
      state = 'open'
      for (const deliver of held.splice(0)) deliver()
    },
    /** Forwards new connections to another port. @param {number} other */
    redirect: (other) => {
      target = other
    },
    stop: async () => {
      closeAll()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
