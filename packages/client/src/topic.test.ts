import { record } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { describe, expect, test } from 'vitest'
import { open } from '../test/clients.js'
import { ScriptedServer } from '../test/scripted-server.js'

/** A diff with these resulting counts. */
const diff = (users: number, viewers: number) => ({
  joins: counts(0, 1),
  leaves: counts(1, 0),
  counts: counts(users, viewers),
})
const live = (users: number, viewers: number) => ({ counts: counts(users, viewers), status: 'live' })

describe('a topic, frame by frame', () => {
  /** A client that has sent the join of its first topic. */
  const joining = async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    const store = client.topic('video:1')
    const { shown } = record(store)
    return { server, client, store, shown, join: await server.join(1) }
  }

  /** Subscribes to a second topic and waits until its state has been shown, after the delay of a first state. */
  const showAnother = async ({ server, client }: Awaited<ReturnType<typeof joining>>) => {
    const { shown } = record(client.topic('video:2'))
    const join = await server.join(2)
    join.accept(counts(0, 5))
    await until(() => shown.length === 1)
  }

  test('uses the resulting counts of a diff, and does no arithmetic', async () => {
    const joined = await joining()
    const { join, shown } = joined
    join.accept(counts(2, 3))
    join.broadcast('presence_diff', diff(2, 4))
    join.broadcast('presence_diff', diff(3, 2))
    await until(() => shown.length === 2)
    await showAnother(joined)
    expect(shown).toEqual([live(2, 4), live(3, 2)])
  })

  test('drops states and diffs without counts', async () => {
    const joined = await joining()
    const { join, shown } = joined
    join.accept(counts(2, 3))
    const junk = [
      5,
      'x',
      [1, 2],
      {},
      { users: null },
      { users: 'x' },
      { users: { count: '<b>' }, viewers: { count: 1 } },
    ]
    for (const payload of junk) join.broadcast('presence_state', payload as never)
    for (const payload of [...junk, { joins: counts(1, 0) }, ...junk.map((counts) => ({ counts }))]) {
      join.broadcast('presence_diff', payload as never)
    }
    join.broadcast('presence_diff', diff(2, 4))
    await until(() => shown.length === 1)
    expect(shown).toEqual([live(2, 4)])
  })

  test('drops diffs of other topics', async () => {
    const { server, client, store, join } = await joining()
    join.accept(counts(2, 3))
    await until(() => store.get().status === 'live')
    const other = client.topic('video:2')
    record(other)
    const second = await server.join(2)
    second.accept(counts(0, 5))
    second.broadcast('presence_diff', diff(0, 6))
    await until(() => other.get().counts.viewers.count === 6)
    expect(store.get()).toEqual(live(2, 3))
  })

  test('counts if it is subscribed to as an observer, and also to count before its join is answered', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    record(client.topic('video:1', { observe: true }))
    const join = await server.join(1)
    record(client.topic('video:1'))
    join.accept(counts(0, 3))
    expect((await server.request('observe')).payload).toEqual({ observe: false })
  })

  test('shows the newest of two states, as from a stream', async () => {
    const joined = await joining()
    const { join, shown } = joined
    join.accept(counts(0, 0))
    join.broadcast('presence_state', counts(0, 1))
    await until(() => shown.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect(shown).toEqual([live(0, 1)])
  })

  test('shows zeros of a topic with a shield without waiting for a diff', async () => {
    const { join, store } = await joining()
    const below = { count: 0, below: 5 }
    const start = performance.now()
    join.accept({ users: below, viewers: below })
    await until(() => store.get().status === 'live')
    expect(performance.now() - start).toBeLessThan(900)
  })

  test('shows a second state at once, instead of the first', async () => {
    const { store, join } = await joining()
    join.accept(counts(2, 3))
    await until(() => store.get().status === 'live')
    join.send('presence_state', counts(9, 9))
    await until(() => store.get().counts.users.count === 9)
    join.broadcast('presence_diff', diff(8, 8))
    await until(() => store.get().counts.users.count === 8)
    expect(store.get()).toEqual(live(8, 8))
  })

  test('does not notify subscribers when nothing has changed', async () => {
    const { store, shown, join } = await joining()
    join.accept(counts(2, 3))
    await until(() => store.get().status === 'live')
    const before = store.get()
    join.broadcast('presence_diff', diff(2, 3))
    join.send('presence_state', counts(2, 3))
    join.broadcast('presence_diff', diff(2, 4))
    await until(() => store.get() !== before)
    expect(shown).toEqual([before, live(2, 4)])
  })

  test('does not show an empty state before the diff of its join', async () => {
    const joined = await joining()
    const { shown, join } = joined
    join.accept(counts(0, 0))
    await showAnother(joined)
    expect(shown).toEqual([])
    join.broadcast('presence_diff', diff(0, 1))
    await until(() => shown.length === 1)
    expect(shown).toEqual([live(0, 1)])
  })

  test('shows an empty state after a delay when no diff follows', async () => {
    const { shown, join } = await joining()
    join.accept(counts(0, 0))
    await until(() => shown.length === 1)
    expect(shown).toEqual([live(0, 0)])
  })

  test('ignores diffs between a crash of the channel and the next state', async () => {
    const { server, store, shown, join: before } = await joining()
    before.accept(counts(0, 3))
    await until(() => store.get().status === 'live')
    before.send('phx_error', {})
    const after = await server.join(2)
    after.broadcast('presence_diff', diff(5, 5))
    after.reply('ok')
    after.broadcast('presence_diff', diff(5, 5))
    before.send('presence_state', counts(6, 6))
    after.send('presence_state', counts(0, 4))
    after.broadcast('presence_diff', diff(0, 5))
    await until(() => store.get().status === 'live')
    expect(shown).toEqual([live(0, 3), { counts: counts(0, 3), status: 'stale' }, live(0, 5)])
  })

  test('is joined again with growing delays if its channel fails soon after each join', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url, { random: () => 0.01 })
    record(client.topic('video:1'))
    const delays: number[] = []
    for (let n = 1; n <= 4; n++) {
      const join = await server.join(n)
      join.accept(counts(0, n))
      await until(() => client.topic('video:1').get().counts.viewers.count === n)
      const failed = performance.now()
      join.send('phx_error', {})
      await server.join(n + 1)
      delays.push(performance.now() - failed)
    }
    // 10, 20, 40 and 80 ms.
    expect(delays[3]).toBeGreaterThan(75)
  })

  test('is refused when the server closes its channel, until the next connection', async () => {
    const { server, store, join } = await joining()
    join.accept(counts(0, 3))
    await until(() => store.get().status === 'live')
    join.send('phx_close', {})
    await until(() => store.get().status === 'refused')
    expect(store.get()).toEqual({ counts: counts(0, 3), status: 'refused', reason: 'closed' })
    join.socket.terminate()
    const again = await server.join(2)
    again.accept(counts(0, 4))
    await until(() => store.get().status === 'live')
    expect(store.get().counts).toEqual(counts(0, 4))
  })

  test('is stale on a broken connection if it has counts, and still connecting if it has none', async () => {
    const { server, client, store, join } = await joining()
    const other = record(client.topic('video:2'))
    await server.join(2)
    join.accept(counts(0, 3))
    await until(() => store.get().status === 'live')
    join.socket.terminate()
    await until(() => store.get().status === 'stale')
    expect(client.topic('video:2').get()).toEqual({ counts: counts(0, 0), status: 'connecting' })
    expect(other.shown).toEqual([])
    await server.join(4)
  })
})
