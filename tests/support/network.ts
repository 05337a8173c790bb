import { connect, createServer, type Socket } from 'node:net'
import { listenLocally } from '@headcount/tools/processes/free-port.mjs'

/** How a network treats WebSockets: it passes them on, refuses them, or accepts them without an answer. */
export type Passage = 'open' | 'refused' | 'swallowed'

/** A network between clients and a port of this machine, which can block only WebSockets. */
export async function startNetwork(to: number, passage: Passage) {
  let current = passage
  const sockets = new Set<Socket>()
  const upgraded = new Set<Socket>()
  const server = createServer((near) => {
    sockets.add(near.on('error', () => {}).on('close', () => sockets.delete(near)))
    near.once('data', (head) => {
      const isUpgrade = /^upgrade: websocket/im.test(head.toString('latin1'))
      if (isUpgrade && current === 'swallowed') return near.resume()
      if (isUpgrade && current === 'refused')
        return near.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      if (isUpgrade) upgraded.add(near)
      const far = connect(to, '127.0.0.1').on('error', () => near.destroy())
      near.on('close', () => far.destroy())
      far.on('close', () => near.destroy())
      far.write(head)
      return far.pipe(near).pipe(far)
    })
  })
  return {
    url: `http://127.0.0.1:${await listenLocally(server)}`,
    /** Sets how WebSockets are treated. Cuts open ones. */
    set(passage: Passage): void {
      current = passage
      for (const each of upgraded) each.destroy()
    },
    stop(): void {
      server.close()
      for (const each of sockets) each.destroy()
    },
  }
}
