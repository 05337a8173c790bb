import { connect, createServer, type Socket } from 'node:net'

/** Stands between one replica and Redis. */
export interface RedisProxy {
  /** `redis://127.0.0.1:…` */
  readonly url: string
  /** Drops every byte both ways, as a cut cable does: connections stay open and fall silent. */
  cut(): void
  /** Ends every connection and takes no new ones, as a dead host does. */
  kill(): void
  /** Keeps every byte back; `heal` delivers them all. */
  hold(): void
  /** Lets what comes from now on through; what was kept back waits on. */
  pass(): void
  /** Lets bytes through again. Connections that have lost some are ended: nobody could make sense of them. */
  heal(): void
  /** Leads new connections to another server. */
  lead(port: number): void
  stop(): Promise<void>
}

export async function startProxy(port: number): Promise<RedisProxy> {
  let target = port
  let state: 'open' | 'cut' | 'held' | 'dead' = 'open'
  const ends = new Set<Socket>()
  const kept: (() => void)[] = []
  const pass = (from: Socket, to: Socket) => {
    ends.add(from)
    from.on('data', (bytes) => {
      if (state === 'open') to.write(bytes)
      else if (state === 'held') kept.push(() => void to.write(bytes))
    })
    from.on('error', () => {})
    from.on('close', () => {
      ends.delete(from)
      // What was kept back still arrives: Redis may act on it long after its sender has given up.
      if (kept.length > 0) kept.push(() => void to.end())
      else to.destroy()
    })
  }
  const end = () => {
    for (const socket of ends) socket.destroy()
  }
  const server = createServer((near) => {
    if (state === 'dead') return void near.destroy()
    const far = connect(target, '127.0.0.1')
    pass(near, far)
    pass(far, near)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    url: `redis://127.0.0.1:${(server.address() as { port: number }).port}`,
    cut: () => {
      state = 'cut'
    },
    hold: () => {
      state = 'held'
    },
    pass: () => {
      state = 'open'
    },
    kill: () => {
      state = 'dead'
      end()
    },
    heal: () => {
      if (state === 'cut') end()
      state = 'open'
      for (const deliver of kept.splice(0)) deliver()
    },
    lead: (other) => {
      target = other
    },
    stop: async () => {
      end()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
