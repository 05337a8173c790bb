import { MemoryCluster } from '@headcount/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FakeClient } from '../test/fake-client.js'
import { TestServer } from '../test/test-server.js'
import { replyDelay } from './send-queue.js'

type Step =
  | {
      kind: 'connect' | 'disconnect' | 'leave' | 'join' | 'observe' | 'stall' | 'unstall' | 'leaveAndJoin'
      client: number
      topic: number
    }
  | { kind: 'wait'; ms: number }

const topics = ['video:1', 'people:1', 'people:2']
/** User or client ids, each shared by every fourth client. */
const ids = ['ada', 'bob', null, null]

const kinds = ['connect', 'disconnect', 'leave', 'join', 'join', 'join', 'observe', 'stall', 'unstall', 'leaveAndJoin']
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(...kinds),
      client: fc.nat(11),
      topic: fc.nat(topics.length - 1),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 20, 50, 300, 1100) }),
  },
)

/** The model: the expected counts of a topic with these clients. */
function expectedCount(topic: string, joined: Map<number, { observe: boolean }>): number {
  const counted = [...joined].filter(([, { observe }]) => !observe).map(([client]) => client)
  if (topic === 'video:1') return counted.length
  return new Set(counted.map((client) => ids[client % 4] ?? `socket ${client}`)).size
}

test('in random schedules with rejoins and slow sockets, every client always shows the committed counts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 120 }), async (steps) => {
      const cluster = new MemoryCluster()
      const server = await TestServer.open({
        engine: cluster.engine(),
        topics: [{ pattern: 'people:*', unit: 'people' }, '*'],
        limits: { backlogBytes: 200, pingAfter: 1e9 },
      })
      const clients = new Map<number, FakeClient>()
      const joined = topics.map(() => new Map<number, { observe: boolean }>())
      const problems: string[] = []

      const check = async (when: string): Promise<void> => {
        for (const topic of topics) {
          const committed = JSON.stringify(await server.committed(topic))
          for (const [id, client] of clients) {
            const shown = client.counts.get(topic)
            if (shown === undefined || client.isStalled) continue
            for (const diff of client.wrongDiffs) problems.push(`${when}: ${id} got ${JSON.stringify(diff)}`)
            if (JSON.stringify(shown) !== committed)
              problems.push(`${when}: ${id} shows ${JSON.stringify(shown)} of ${topic}, committed is ${committed}`)
          }
        }
      }

      const join = (client: FakeClient, id: number, topic: number, observe: boolean): void => {
        client.join(topics[topic]!, observe ? { observe } : {})
        joined[topic]!.set(id, { observe })
      }
      const run = ({ kind, client: id, topic }: Exclude<Step, { kind: 'wait' }>): void => {
        const client = clients.get(id)
        if (client === undefined) {
          const name = ids[id % 4] ?? null
          const identity = { userId: id % 2 === 0 ? name : null, clientId: id % 2 === 1 ? name : null }
          clients.set(id, server.connect(identity, id % 3 === 0 ? 1 : 2))
        } else if (kind === 'join' || kind === 'observe') join(client, id, topic, kind === 'observe')
        else if (kind === 'leave' || kind === 'leaveAndJoin') {
          client.leave(topics[topic]!)
          joined[topic]!.delete(id)
          if (kind === 'leaveAndJoin') join(client, id, topic, false)
        } else if (kind === 'disconnect') {
          client.disconnect()
          clients.delete(id)
          for (const each of joined) each.delete(id)
        } else if (kind === 'stall') client.stall()
        else if (kind === 'unstall') client.unstall()
      }

      for (const [i, each] of steps.entries()) {
        if (each.kind === 'wait') await server.clock.advance(each.ms)
        else {
          run(each)
          if (i % 3 === 0) await server.clock.advance(0)
        }
        // A second join is sent its state after this delay.
        await server.clock.advance(replyDelay)
        await check(`step ${i} ${JSON.stringify(each)}`)
      }

      for (const client of clients.values()) client.unstall()
      await server.clock.advance(5000)
      await check('at the end')
      for (const [i, topic] of topics.entries()) {
        const { users, viewers } = await server.committed(topic)
        const expected = expectedCount(topic, joined[i]!)
        if (users.count + viewers.count !== expected)
          problems.push(`${topic} shows ${users.count} and ${viewers.count}, expected ${expected} in all`)
      }
      expect(problems).toEqual([])
      expect(server.errors).toEqual([])

      for (const client of clients.values()) client.disconnect()
      await server.clock.advance(5000)
      expect(cluster.size).toBe(0)
    }),
    { numRuns: 1000 },
  )
}, 120_000)
