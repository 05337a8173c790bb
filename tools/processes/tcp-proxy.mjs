import { connect, createServer } from 'node:net'
import { listenLocally } from './free-port.mjs'

/** @typedef {Awaited<ReturnType<typeof startProxy>>} TcpProxy */

/**
 * Starts a TCP proxy on 127.0.0.1 that can fail like a network.
 *
 * @param {number} target The port of 127.0.0.1 that it forwards to.
 */
export async function startProxy(target) {
  /** @type {'open' | 'partitioned' | 'delayed' | 'crashed'} */
  let state = 'open'
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  /** @type {(() => void)[]} */
  const delayed = []

  /** @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
  const forward = (from, to) => {
    sockets.add(from)
    from.on('data', (bytes) => {
      if (state === 'open') to.write(bytes)
      else if (state === 'delayed') delayed.push(() => void to.write(bytes))
    })
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      // Delayed bytes still arrive after their sender has closed the connection.
      if (delayed.length > 0) delayed.push(() => void to.end())
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
  const port = await listenLocally(server)

  return {
    port,
    /** `redis://127.0.0.1:4321` */
    redisUrl: `redis://127.0.0.1:${port}`,
    /** Drops all bytes both ways, like a cut cable: connections stay open and silent. */
    partition: () => {
      state = 'partitioned'
    },
    /** Closes every connection and accepts none, like a host that is down. */
    crash: () => {
      state = 'crashed'
      closeAll()
    },
    /** Delays all bytes; `heal` delivers them. */
    delay: () => {
      state = 'delayed'
    },
    /** Forwards new bytes, but not yet the delayed ones. */
    pass: () => {
      state = 'open'
    },
    /** Forwards again. Connections that lost bytes are closed. */
    heal: () => {
      if (state === 'partitioned') closeAll()
      state = 'open'
      for (const deliver of delayed.splice(0)) deliver()
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
