import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Crowd, type Memory } from './allocations-crowd.js'

/**
 * The most bytes that one of each may allocate on the server, on V8's heap and in buffers: about a quarter above what Node 20 or
 * Node 24 took, whichever was more; for a frame, which hardly differs from run to run, a sixth. Who makes a path cheaper lowers its row.
 */
const most = {
  frame: { heap: 420, buffers: 1 },
  /** The connection, the handshake and the join. */
  arrival: { heap: 20_500, buffers: 600 },
  /** What is left of one after collections. */
  kept: { heap: 2450, buffers: 50 },
  /** The same on a connection that is there. */
  join: { heap: 9900, buffers: 400 },
  leave: { heap: 12_300, buffers: 300 },
  /** A connection that ends, and what it had joined. */
  departure: { heap: 10_500, buffers: 175 },
  heartbeat: { heap: 4100, buffers: 140 },
} satisfies Record<string, Memory>

/**
 * How much more it may be for many than for few, where it should not grow: what a frame takes hardly differs from run to run, and
 * what an arrival takes does so by a fifth. A list of the members, copied, would add half an arrival.
 */
const flat = { frame: 1.1, arrival: 1.3 }

function within(spent: Memory, bound: Memory) {
  expect(spent.heap).toBeGreaterThan(0)
  expect(spent.heap).toBeLessThanOrEqual(bound.heap)
  expect(spent.buffers).toBeLessThanOrEqual(bound.buffers)
}

describe('what telling a topic allocates', () => {
  let crowd: Crowd
  let few: Memory
  let many: Memory

  const eachFrame = async () => {
    const { heap, buffers } = await crowd.allocated(10, crowd.nudge)
    const { length } = crowd.members
    return { heap: heap / length, buffers: buffers / length }
  }

  beforeAll(async () => {
    // Observers move no count: nothing is told but what the test moves.
    crowd = await Crowd.open(1)
    await crowd.fill(500, crowd.observe)
    for (let i = 0; i < 30; i++) await crowd.nudge()
    few = await eachFrame()
    await crowd.fill(2000, crowd.observe)
    many = await eachFrame()
  })
  afterAll(() => crowd?.end())

  it('is what Node takes for a write, for each frame', () => {
    within(few, most.frame)
    within(many, most.frame)
  })

  it('is no more for each of 2,000 sockets than for each of 500', () => {
    expect(many.heap / few.heap).toBeLessThanOrEqual(flat.frame)
  })
})

describe('what comes and goes allocates', () => {
  let crowd: Crowd
  let few: Memory
  let many: Memory
  let kept: Memory

  beforeAll(async () => {
    // Nobody is told of anybody else within the hour: what is counted is the join alone.
    crowd = await Crowd.open(3_600_000)
    await crowd.fill(500, crowd.join)
    const before = await crowd.collect()
    few = await crowd.allocated(125, crowd.join)
    await crowd.fill(1500, crowd.join)
    const after = await crowd.collect()
    many = await crowd.allocated(125, crowd.join)
    kept = { heap: (after.heap - before.heap) / 1000, buffers: (after.buffers - before.buffers) / 1000 }
  })
  afterAll(() => crowd?.end())

  it('has a bound for a socket that connects and joins', () => {
    within(few, most.arrival)
    within(many, most.arrival)
  })

  it('is no more for a join where many are', () => {
    expect(many.heap / few.heap).toBeLessThanOrEqual(flat.arrival)
  })

  it('has a bound for what outlives a join', () => within(kept, most.kept))

  it('has a bound for a heartbeat', async () => {
    const heartbeat = (turn: number) => crowd.members[turn % 10]!.heartbeat()
    within(await crowd.allocated(250, heartbeat), most.heartbeat)
  })

  it('has a bound for a leave, and for a join on a connection that is there', async () => {
    // Enough of them for the compiler first.
    for (const act of ['leave', 'join'] as const) for (let i = 0; i < 200; i++) await crowd.members[i]![act]()
    within(await crowd.allocated(60, (turn) => crowd.members[turn]!.leave()), most.leave)
    within(await crowd.allocated(60, (turn) => crowd.members[turn]!.join()), most.join)
  })

  it('has a bound for a connection that ends', async () => {
    for (const member of crowd.members.slice(500, 1000)) await member.close()
    within(await crowd.allocated(125, (turn) => crowd.members[1000 + turn]!.close()), most.departure)
  })
})
