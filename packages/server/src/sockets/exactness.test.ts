import { MemoryCluster } from '@headcount/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FakeClient, House } from '../test/test-server.js'
import { breath } from './send-queue.js'

type Act =
  | {
      kind: 'open' | 'drop' | 'leave' | 'join' | 'observe' | 'stall' | 'unstall' | 'leaveAndJoin'
      who: number
      topic: number
    }
  | { kind: 'wait'; ms: number }

const topics = ['video:1', 'people:1', 'people:held']
const ids = ['ada', 'bob', null, null]

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'open',
        'drop',
        'leave',
        'join',
        'join',
        'join',
        'observe',
        'stall',
        'unstall',
        'leaveAndJoin',
      ),
      who: fc.nat(11),
      topic: fc.nat(topics.length - 1),
    }) as fc.Arbitrary<Act>,
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 20, 50, 300, 1100),
    }),
  },
)

/** What the topic should show, from a plain reading of who is joined: the model. */
function truth(topic: string, joined: Map<number, { observe: boolean }>): number {
  const present = [...joined].filter(([, { observe }]) => !observe).map(([who]) => who)
  if (topic === 'video:1') return present.length
  const people = new Set(present.map((who) => ids[who % 4] ?? `socket ${who}`))
  return people.size
}

test('in random schedules of join, leave, drop, rejoin and slow sockets every sum is the committed counts, at every flush', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 120 }), async (acts) => {
      const cluster = new MemoryCluster()
      const house = await House.open({
        engine: cluster.engine(),
        topics: [{ pattern: 'people:*', unit: 'people' }, '*'],
        limits: { backlogBytes: 200 },
      })
      const clients = new Map<number, FakeClient>()
      const joined = topics.map(() => new Map<number, { observe: boolean }>())
      const problems: string[] = []

      const check = async (when: string): Promise<void> => {
        for (const topic of topics) {
          const committed = await house.committed(topic)
          for (const [who, client] of clients) {
            const sum = client.sums.get(topic)
            if (sum === undefined || client.stalled) continue
            problems.push(...client.wrongDiffs.map((diff) => `${when}: ${who} was misled by ${diff}`))
            if (JSON.stringify(sum) !== JSON.stringify(committed)) {
              problems.push(
                `${when}: ${who} shows ${JSON.stringify(sum)} of ${topic}, committed is ${JSON.stringify(committed)}`,
              )
            }
          }
        }
      }

      for (const [step, each] of acts.entries()) {
        if (each.kind === 'wait') await house.clock.advance(each.ms)
        else {
          const { kind, who } = each
          const topic = topics[each.topic]!
          const there = joined[each.topic]!
          const client = clients.get(who)
          const joins = (observe: boolean, one: FakeClient): void => {
            one.join(topic, observe ? { observe } : {})
            there.set(who, { observe })
          }
          if (client === undefined) {
            const id = ids[who % 4] ?? null
            clients.set(
              who,
              house.client(
                { userId: who % 2 === 0 ? id : null, clientId: who % 2 === 1 ? id : null },
                who % 3 === 0 ? 1 : 2,
              ),
            )
          } else if (kind === 'join' || kind === 'observe') joins(kind === 'observe', client)
          else if (kind === 'leave' || kind === 'leaveAndJoin') {
            client.leave(topic)
            there.delete(who)
            if (kind === 'leaveAndJoin') joins(false, client)
          } else if (kind === 'drop') {
            client.drop()
            clients.delete(who)
            for (const each of joined) each.delete(who)
          } else if (kind === 'stall') client.stall()
          else if (kind === 'unstall') client.unstall()
          if (step % 3 === 0) await house.clock.advance(0)
        }
        // By then a second join has its state.
        await house.clock.advance(breath)
        await check(`step ${step} ${JSON.stringify(each)}`)
      }

      for (const client of clients.values()) client.unstall()
      await house.clock.advance(5000)
      await check('after quiet')
      for (const [i, topic] of topics.entries()) {
        const { users, viewers } = await house.committed(topic)
        if (users.count + viewers.count !== truth(topic, joined[i]!)) {
          problems.push(`${topic} shows ${users.count} and ${viewers.count}, the truth is ${truth(topic, joined[i]!)}`)
        }
      }
      expect(problems).toEqual([])
      expect(house.errors).toEqual([])

      for (const client of clients.values()) client.drop()
      await house.clock.advance(5000)
      expect(cluster.size).toBe(0)
    }),
    { numRuns: 1000 },
  )
}, 120_000)
