import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MeasuredServer, type Memory } from './measured-server.js'

/**
 * Maximum bytes that the server may allocate for one of each, on V8's heap and in buffers: about a quarter above what
 * it does under Node 20; a sixth for a frame, which hardly varies between runs.
 */
const most = {
  frame: { heap: 420, buffers: 1 },
  /** The connection, the handshake and the join. */
  arrival: { heap: 21_500, buffers: 600 },
  /** The memory of one after garbage collections. */
  kept: { heap: 2450, buffers: 50 },
  /** On a connection that exists. */
  join: { heap: 9900, buffers: 400 },
  leave: { heap: 12_300, buffers: 300 },
  /** A connection that ends, and its channel. */
  departure: { heap: 10_500, buffers: 175 },
  heartbeat: { heap: 4100, buffers: 140 },
} satisfies Record<string, Memory>

/** Node 24 itself allocates more on the heap for each write and connection. */
const heapFactor = Number.parseInt(process.versions.node, 10) >= 24 ? 1.1 : 1

/** The allowed increase for many sockets. A copied list of members would add half an arrival. */
const flat = { frame: 1.1, arrival: 1.3 }

function expectAtMost(used: Memory, bound: Memory) {
  expect(used.heap).toBeGreaterThan(0)
  expect(used.heap).toBeLessThanOrEqual(bound.heap * heapFactor)
  expect(used.buffers).toBeLessThanOrEqual(bound.buffers)
}

describe('a broadcast', () => {
  const server = new MeasuredServer(1)
  beforeAll(() => server.start())
  afterAll(() => server.stop())

  const perFrame = async () => {
    const { heap, buffers } = await server.allocated(10, server.change)
    const { length } = server.clients
    return { heap: heap / length, buffers: buffers / length }
  }

  it('allocates no more per frame than Node does for a write, with 2,000 sockets and with 500', async () => {
    // Observers change no count.
    await server.fill(500, { observe: true })
    for (let i = 0; i < 30; i++) await server.change()
    const few = await perFrame()
    expectAtMost(few, most.frame)
    await server.fill(2000, { observe: true })
    const many = await perFrame()
    expectAtMost(many, most.frame)
    expect(many.heap / few.heap).toBeLessThanOrEqual(flat.frame)
  }, 60_000)
})

describe('sockets that connect and close', () => {
  // No flush within the hour: only the join itself is measured.
  const server = new MeasuredServer(3_600_000)
  beforeAll(async () => {
    await server.start()
    // So many that V8 has compiled what they need.
    await server.fill(1000)
  })
  afterAll(() => server.stop())

  it('allocate a bounded amount to connect and join, with many sockets as with few, and retain less', async () => {
    const few = await server.allocated(125, () => server.join())
    expectAtMost(few, most.arrival)
    expectAtMost(await server.kept(3000), most.kept)
    const many = await server.allocated(125, () => server.join())
    expectAtMost(many, most.arrival)
    expect(many.heap / few.heap).toBeLessThanOrEqual(flat.arrival)
  }, 60_000)

  it('share the name of their topic, however long', async () => {
    expectAtMost(await server.kept(5000, 'x'.repeat(2000)), most.kept)
  }, 60_000)

  it('allocate a bounded amount for a heartbeat', async () => {
    expectAtMost(await server.allocated(250, (turn) => server.clients[turn % 10]!.heartbeat()), most.heartbeat)
  })

  it('allocate a bounded amount for a leave, and for a join on an open connection', async () => {
    // Often enough that V8 has compiled both.
    for (const act of ['leave', 'join'] as const) for (let i = 0; i < 200; i++) await server.clients[i]![act]()
    expectAtMost(await server.allocated(60, (turn) => server.clients[turn]!.leave()), most.leave)
    expectAtMost(await server.allocated(60, (turn) => server.clients[turn]!.join()), most.join)
  })

  it('allocate a bounded amount for a connection that ends', async () => {
    for (const client of server.clients.slice(500, 1000)) await client.close()
    expectAtMost(await server.allocated(125, (turn) => server.clients[1000 + turn]!.close()), most.departure)
  })
})
