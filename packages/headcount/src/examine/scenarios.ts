import type { WireClient } from '@headcount/testing'
import type { Crowd } from './crowd.js'

/** The actions of a crowd, before its shown counts are compared with the number of joined clients. */
export interface Scenario {
  readonly name: string
  readonly about: string
  run(crowd: Crowd, clients: readonly WireClient[]): Promise<void>
}

/** The duration, in ms, over which the clients of a step act. */
const spread = 1_000

/** How long a slow reader reads nothing, in ms. */
const pauseOf = 3_000

const half = (clients: readonly WireClient[]) => clients.slice(0, Math.ceil(clients.length / 2))
const tenth = (clients: readonly WireClient[]) => clients.slice(0, Math.ceil(clients.length / 10))

async function joinAll(crowd: Crowd, clients: readonly WireClient[]): Promise<void> {
  await crowd.spread(clients, spread, (client) => crowd.join(client))
}

async function leaveAndJoin(crowd: Crowd, client: WireClient): Promise<void> {
  await crowd.leave(client)
  await crowd.join(client)
}

export const scenarios: readonly Scenario[] = [
  { name: 'storm', about: 'all join within a second', run: joinAll },
  {
    name: 'leave',
    about: 'half of them close their tabs within a second',
    async run(crowd, clients) {
      await joinAll(crowd, clients)
      await crowd.spread(half(clients), spread, (client) => crowd.close(client))
    },
  },
  {
    name: 'rejoin',
    about: 'half of them leave and join again, the others join again without leaving',
    async run(crowd, clients) {
      await joinAll(crowd, clients)
      const leaving = new Set(half(clients))
      await crowd.spread(clients, spread, (client) =>
        leaving.has(client) ? leaveAndJoin(crowd, client) : crowd.join(client),
      )
    },
  },
  {
    name: 'slow-reader',
    about: 'a tenth of them read nothing for three seconds, while the others join and leave',
    async run(crowd, clients) {
      await joinAll(crowd, clients)
      const slow = tenth(clients)
      for (const { socket } of slow) socket.pause()
      await crowd.spread(clients.slice(slow.length), pauseOf, (client) => leaveAndJoin(crowd, client))
      for (const { socket } of slow) socket.resume()
    },
  },
]
