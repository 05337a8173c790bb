import { expect, test } from 'vitest'
import { MemoryCluster } from '../engine/memory-engine.js'
import { FakeClock } from '../runtime/fake-clock.js'
import { replicaOn } from '../test/replica.js'

const viewer = { group: 1, person: null }
const names = (count: number) => Array.from({ length: count }, (_, i) => `topic ${i}`)

/** Two replicas, with a shield of 5 by default: presences are added at one, and topics are read at the other. */
async function open({ settle = 0, shield = 5 } = {}) {
  const clock = new FakeClock(1_000)
  const cluster = new MemoryCluster()
  const start = async (id: string) => {
    const display = () => ({ settle, shield })
    const engine = cluster.engine()
    const replica = replicaOn(clock, { id, engine, lease: 1e9, display })
    await replica.start()
    return { replica, tracker: replica.tracker, engine }
  }
  const [{ tracker }, { replica, engine }] = [await start('a'), await start('b')]
  const add = async (topic: string, viewers: number) => {
    for (let i = 0; i < viewers; i++) tracker.track(topic, viewer)
    await clock.advance(1)
  }
  const remove = async (topic: string) => {
    tracker.untrack(topic, viewer)
    await clock.advance(1)
  }
  const viewersOf = async (topic: string) => (await replica.read([topic]))[0]!.totals[1]
  return { clock, replica, engine, add, remove, viewersOf }
}

const recorder = (shown: number[]) => ({
  ...{ index: -1, lastFlush: 0 },
  state: ({ totals }: { totals: readonly number[] }) => void shown.push(totals[1]!),
  diff: ({ totals }: { totals: readonly number[] }) => shown.push(totals[1]!) > 0,
})

test('reading empty topics, however many, watches none of them', async () => {
  const { replica, add, viewersOf } = await open()
  const [first] = await replica.read(names(20_000))
  expect(first!.counts).toBe('{"users":{"count":0,"below":5},"viewers":{"count":0,"below":5}}')
  expect(replica.watched.size).toBe(0)
  await add('room', 5)
  expect(await viewersOf('room')).toBe(5)
})

test('a topic with presences is watched for as long as it is read, and shows changes only at ticks', async () => {
  const { clock, replica, add, viewersOf } = await open()
  await add('room', 3)
  for (let i = 0; i < 4; i++) {
    expect(await viewersOf('room')).toBe(0)
    await clock.advance(15_000)
  }
  await add('room', 4)
  expect(await viewersOf('room')).toBe(0)
  await clock.advance(10_000)
  expect(await viewersOf('room')).toBe(5)
  await clock.advance(22_000)
  expect(replica.watched.size).toBe(0)
})

test('beyond the limit, the topic that was read longest ago is dropped, and no read is refused', async () => {
  const { replica, add, viewersOf } = await open()
  for (const topic of names(10_001)) await add(topic, 1)
  await add('room', 3)
  await viewersOf('room')
  await replica.read(names(9_999))
  await viewersOf('room')
  await add('room', 4)
  await replica.read(names(10_001).slice(-2))
  expect(replica.watched.size).toBe(10_000)
  expect(await viewersOf('room')).toBe(0)
  await replica.read(names(10_001))
  expect(await viewersOf('room')).toBe(5)
})

test('a topic that was read and then joined keeps its shown counts, and frees its place in the limit', async () => {
  const { clock, replica, add, viewersOf } = await open()
  for (const topic of names(10_000)) await add(topic, 1)
  await add('room', 3)
  expect(await viewersOf('room')).toBe(0)
  const shown: number[] = []
  await add('room', 4)
  replica.scheduler.subscribe('room', recorder(shown))
  await replica.read(names(10_000))
  expect([replica.watched.size, replica.watched.joined]).toEqual([10_001, 1])
  await clock.advance(10_000)
  expect(shown).toEqual([0, 5])
})

test('flush listeners are not called for a topic that is only read, but once it is joined they are', async () => {
  const { clock, replica, add, viewersOf } = await open()
  const flushed: string[] = []
  replica.scheduler.onFlush(({ topic }) => flushed.push(topic))
  for (const topic of ['read', 'joined', 'left']) await add(topic, 3)
  for (const topic of ['read', 'joined']) await viewersOf(topic)
  const subscriber = recorder([])
  replica.scheduler.subscribe('joined', recorder([]))
  replica.scheduler.subscribe('left', subscriber)
  await clock.advance(1)
  for (const topic of ['read', 'joined', 'left']) await add(topic, 2)
  replica.scheduler.unsubscribe('left', subscriber)
  await viewersOf('left')
  await clock.advance(10_000)
  expect(await viewersOf('read')).toBe(5)
  expect(flushed.sort()).toEqual(['joined', 'left'])
})

test('a reader that subscribes to many empty topics leaves none of them watched', async () => {
  const { clock, replica } = await open()
  const readers = names(100).map((topic) => ({ topic, subscriber: { ...recorder([]), onlyReads: true } }))
  for (const { topic, subscriber } of readers) replica.scheduler.subscribe(topic, subscriber)
  await clock.advance(100)
  expect([replica.watched.size, replica.watched.joined]).toEqual([100, 0])
  for (const { topic, subscriber } of readers) replica.scheduler.unsubscribe(topic, subscriber)
  await clock.advance(1_100)
  expect(replica.watched.size).toBe(0)
})

test('a reader of a topic with a settle time sees a decrease once it settles, and none that is made good', async () => {
  const { clock, replica, add, remove, viewersOf } = await open({ settle: 1_000, shield: 0 })
  await add('room', 2)
  expect(await viewersOf('room')).toBe(2)
  await remove('room')
  expect(await viewersOf('room')).toBe(2)
  await clock.advance(500)
  await add('room', 1)
  await clock.advance(1_000)
  expect(await viewersOf('room')).toBe(2)
  await remove('room')
  await clock.advance(1_000)
  expect(await viewersOf('room')).toBe(1)
  await clock.advance(3_000)
  expect(replica.watched.size).toBe(0)
})

test('a change between a read and the subscription that follows it is not lost', async () => {
  const { clock, engine, add, remove, viewersOf } = await open({ settle: 1_000, shield: 0 })
  await add('room', 2)
  const watch = engine.watch.bind(engine)
  let watching: Promise<unknown> = Promise.resolve()
  engine.watch = (topic) => {
    const totals = remove(topic).then(() => watch(topic))
    watching = totals
    return totals
  }
  expect(await viewersOf('room')).toBe(2)
  await watching
  await clock.advance(1_000)
  expect(await viewersOf('room')).toBe(1)
})
