import { beforeAll, describe, expect, test } from 'vitest'
import { clientsOn, type Opened, phoenixes, started, watch } from '../test/clients.js'
import { counts, LiveServer, until } from '../test/live.js'
import type { ClientOptions } from './index.js'

describe.each(phoenixes)('a client on stock %s', (phoenix) => {
  let open: (url: string, options?: Partial<ClientOptions>) => Opened
  beforeAll(async () => {
    open = await clientsOn(phoenix)
  })

  const joins = ({ sent }: Opened) => sent.filter(({ event }) => event === 'phx_join')
  const live = async (opened: Opened, topic: string, users: number, viewers: number) => {
    const store = opened.client.topic(topic)
    await until(
      () => JSON.stringify(store.get()) === JSON.stringify({ counts: counts(users, viewers), status: 'live' }),
      () => store.get(),
    )
  }

  test('connects to nothing before somebody wants a topic', async () => {
    const server = started(await LiveServer.start())
    const { client, sockets } = open(server.url)
    expect(client.topic('video:1').get()).toEqual({ counts: counts(0, 0), status: 'connecting' })
    expect(client.status).toBe('idle')
    expect(sockets).toHaveLength(0)
  })

  test('the first thing that a lone viewer is shown is 1, never 0', async () => {
    const server = started(await LiveServer.start())
    const opened = open(server.url)
    const { seen } = watch(opened.client.topic('video:1'))
    await live(opened, 'video:1', 0, 1)
    expect(seen).toEqual([{ counts: counts(0, 1), status: 'live' }])
    expect(opened.client.status).toBe('live')
  })

  test('shows one object until something changes, and the same store for the same name', async () => {
    const server = started(await LiveServer.start())
    const opened = open(server.url)
    const store = opened.client.topic('video:1')
    watch(store)
    await live(opened, 'video:1', 0, 1)
    expect(store.get()).toBe(store.get())
    expect(opened.client.topic('video:1')).toBe(store)
    expect(opened.client.topic('video:1', { observe: true })).not.toBe(store)
    expect(opened.client.topic('video:1', { observe: true }).get()).toBe(store.get())
  })

  test('sees others come and go', async () => {
    const server = started(await LiveServer.start())
    const one = open(server.url)
    const other = open(server.url)
    watch(one.client.topic('video:1'))
    await live(one, 'video:1', 0, 1)
    const { undo } = watch(other.client.topic('video:1'))
    await live(one, 'video:1', 0, 2)
    await live(other, 'video:1', 0, 2)
    undo()
    await live(one, 'video:1', 0, 1)
  })

  test('two subscribers are one channel, which the last one to go leaves after a moment', async () => {
    const server = started(await LiveServer.start())
    const opened = open(server.url)
    const first = watch(opened.client.topic('video:1'))
    const second = watch(opened.client.topic('video:1'))
    await live(opened, 'video:1', 0, 1)
    first.undo()
    first.undo()
    expect(joins(opened)).toHaveLength(1)
    second.undo()
    expect(opened.sent.map(({ event }) => event)).toEqual(['phx_join'])
    await until(async () => (await server.counts('video:1')).viewers.count === 0)
    expect(opened.sent.map(({ event }) => event)).toEqual(['phx_join', 'phx_leave'])
    expect(first.seen).toEqual(second.seen)
  })

  test('who goes and comes back at once was never gone', async () => {
    const server = started(await LiveServer.start())
    const opened = open(server.url, { linger: 20 })
    const store = opened.client.topic('video:1')
    watch(store).undo()
    watch(store).undo()
    const { seen } = watch(store)
    await live(opened, 'video:1', 0, 1)
    // another topic, joined and left after its linger: what video:1 might have sent has been sent
    watch(opened.client.topic('video:2')).undo()
    await until(() => opened.sent.some(({ event }) => event === 'phx_leave'))
    expect(opened.sent.filter(({ topic }) => topic === 'video:1')).toHaveLength(1)
    expect(seen).toHaveLength(1)
  })

  test('shows the last counts known to who comes back to a topic, until there are new ones', async () => {
    const server = started(await LiveServer.start())
    const opened = open(server.url, { linger: 0 })
    const store = opened.client.topic('video:1')
    const { undo } = watch(store)
    await live(opened, 'video:1', 0, 1)
    undo()
    await until(() => store.get().status === 'stale')
    server.track('video:1', 'a kiosk')
    const { seen } = watch(store)
    await live(opened, 'video:1', 0, 2)
    expect(seen[0]?.status).toBe('live')
    expect(seen.every((snapshot) => snapshot.counts.viewers.count > 0)).toBe(true)
  })

  test('many topics share one socket', async () => {
    const server = started(await LiveServer.start())
    const opened = open(server.url)
    const topics = Array.from({ length: 20 }, (_, i) => `video:${i}`)
    for (const topic of topics) watch(opened.client.topic(topic))
    for (const topic of topics) await live(opened, topic, 0, 1)
    expect(server.upgrades).toHaveLength(1)
  })

  test('an observer sees the counts and is not in them', async () => {
    const server = started(await LiveServer.start())
    const opened = open(server.url)
    const store = opened.client.topic('video:1', { observe: true })
    watch(store)
    await until(() => store.get().status === 'live')
    expect(store.get().counts).toEqual(counts(0, 0))
    server.track('video:1', 'a kiosk')
    await live(opened, 'video:1', 0, 1)
  })

  test('a topic that is observed and then wanted is joined anew, and observed again after', async () => {
    const server = started(await LiveServer.start())
    const opened = open(server.url)
    const observed = watch(opened.client.topic('video:1', { observe: true }))
    await live(opened, 'video:1', 0, 0)
    const counted = watch(opened.client.topic('video:1'))
    await live(opened, 'video:1', 0, 1)
    counted.undo()
    await live(opened, 'video:1', 0, 0)
    server.track('video:1', 'a kiosk')
    await live(opened, 'video:1', 0, 1)
    expect(joins(opened).map(({ payload }) => payload)).toEqual([{ observe: true }, {}, { observe: true }])
    expect(observed.seen.map(({ status }) => status)).toEqual(['live', 'live', 'live', 'live'])
  })

  test('comes back by itself after the server restarts, and shows the last counts until then', async () => {
    const server = started(await LiveServer.start())
    const asked: number[] = []
    const random = () => {
      asked.push(performance.now())
      return 0.01
    }
    const opened = open(server.url, { random })
    const store = opened.client.topic('video:1')
    const { seen } = watch(store)
    server.track('video:1', 'a kiosk')
    await live(opened, 'video:1', 0, 2)
    await server.stop()
    await until(() => store.get().status === 'stale')
    expect(store.get().counts).toEqual(counts(0, 2))
    expect(opened.client.status).toBe('stale')
    await until(() => asked.length >= 2) // refused at the door at least once
    await server.resume()
    await live(opened, 'video:1', 0, 1)
    expect(opened.client.status).toBe('live')
    expect(seen.filter(({ counts }) => counts.viewers.count === 0)).toEqual([])
  })

  test('tells of the connection as a whole', async () => {
    const server = started(await LiveServer.start())
    const { client } = open(server.url)
    const seen: string[] = []
    const undo = client.subscribe(() => seen.push(client.status))
    watch(client.topic('video:1'))
    await until(() => client.status === 'live')
    await server.stop()
    await until(() => client.status === 'stale')
    await server.resume()
    await until(() => client.status === 'live')
    client.close()
    expect(seen).toEqual(['connecting', 'live', 'stale', 'live', 'closed'])
    undo()
  })

  test('closes for good: leaves its topics at once and joins no more', async () => {
    const server = started(await LiveServer.start())
    const opened = open(server.url)
    const store = opened.client.topic('video:1')
    const { undo } = watch(store)
    await live(opened, 'video:1', 0, 1)
    opened.client.close()
    await until(async () => (await server.counts('video:1')).viewers.count === 0)
    expect(store.get()).toEqual({ counts: counts(0, 1), status: 'stale' })
    undo()
    watch(store)
    opened.client.signIn('a token')
    expect(opened.client.status).toBe('closed')
    await until(() => opened.sockets.every((socket) => socket.readyState === 3))
    expect(opened.sockets).toHaveLength(1)
  })

  test('a client that has just been closed while it connects never connects', async () => {
    const server = started(await LiveServer.start())
    let give = (_token: string) => {}
    const token = () => new Promise<string>((resolve) => (give = resolve))
    const { client, sockets } = open(server.url, { token })
    watch(client.topic('video:1'))
    client.close()
    give('a token')
    const other = open(server.url)
    watch(other.client.topic('video:1'))
    await live(other, 'video:1', 0, 1)
    expect(sockets).toHaveLength(0)
  })
})
