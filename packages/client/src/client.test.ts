import { record } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { describe, expect, test } from 'vitest'
import { connect, open, type TestClient } from '../test/clients.js'

describe('a client', () => {
  const joins = ({ sent }: TestClient) => sent.filter(({ event }) => event === 'phx_join')
  const events = ({ sent }: TestClient) => sent.map(({ event }) => event)
  const live = (users: number, viewers: number) => ({ counts: counts(users, viewers), status: 'live' })
  const becomes = ({ client }: TestClient, topic: string, users: number, viewers: number) =>
    expect.poll(() => client.topic(topic).get(), { timeout: 8_000, interval: 5 }).toEqual(live(users, viewers))

  test('does not connect before a topic is subscribed to', async () => {
    const { client, sockets } = await connect()
    expect(client.topic('video:1').get()).toEqual({ counts: counts(0, 0), status: 'connecting' })
    expect(client.status).toBe('idle')
    expect(sockets).toHaveLength(0)
  })

  test('shows 1 first, never 0, to a viewer who is alone', async () => {
    const opened = await connect()
    const { shown } = record(opened.client.topic('video:1'))
    await becomes(opened, 'video:1', 0, 1)
    expect(shown).toEqual([live(0, 1)])
    expect(opened.client.status).toBe('live')
  })

  test('returns the same snapshot until something changes, and the same store for the same name', async () => {
    const opened = await connect()
    const store = opened.client.topic('video:1')
    record(store)
    await becomes(opened, 'video:1', 0, 1)
    expect(store.get()).toBe(store.get())
    expect(opened.client.topic('video:1')).toBe(store)
    expect(opened.client.topic('video:1', { observe: true })).not.toBe(store)
    expect(opened.client.topic('video:1', { observe: true }).get()).toBe(store.get())
  })

  test('shows when other clients join and leave', async () => {
    const one = await connect()
    const other = open(one.server.url)
    record(one.client.topic('video:1'))
    await becomes(one, 'video:1', 0, 1)
    const { unsubscribe } = record(other.client.topic('video:1'))
    await becomes(one, 'video:1', 0, 2)
    await becomes(other, 'video:1', 0, 2)
    unsubscribe()
    await becomes(one, 'video:1', 0, 1)
  })

  test('uses one channel for two subscribers, and leaves it after both have unsubscribed', async () => {
    const opened = await connect()
    const first = record(opened.client.topic('video:1'))
    const second = record(opened.client.topic('video:1'))
    await becomes(opened, 'video:1', 0, 1)
    first.unsubscribe()
    first.unsubscribe()
    expect(joins(opened)).toHaveLength(1)
    second.unsubscribe()
    expect(events(opened)).toEqual(['phx_join'])
    await until(async () => (await opened.server.counts('video:1')).viewers.count === 0)
    expect(events(opened)).toEqual(['phx_join', 'phx_leave'])
    expect(first.shown).toEqual(second.shown)
  })

  test('does not leave when a subscriber comes back within the linger time', async () => {
    const opened = await connect({ linger: 20 })
    const store = opened.client.topic('video:1')
    record(store).unsubscribe()
    record(store).unsubscribe()
    const { shown } = record(store)
    await becomes(opened, 'video:1', 0, 1)
    // Once another topic has been joined and left, the linger time of the first has passed too.
    record(opened.client.topic('video:2')).unsubscribe()
    await until(() => events(opened).includes('phx_leave'))
    expect(opened.sent.filter(({ topic }) => topic === 'video:1')).toHaveLength(1)
    expect(shown).toHaveLength(1)
  })

  test('shows the last counts of a topic that is joined again, until new ones arrive', async () => {
    const opened = await connect({ linger: 0 })
    const store = opened.client.topic('video:1')
    const { unsubscribe } = record(store)
    await becomes(opened, 'video:1', 0, 1)
    unsubscribe()
    await until(() => store.get().status === 'stale')
    opened.server.track('video:1', 'kiosk')
    const { shown } = record(store)
    await becomes(opened, 'video:1', 0, 2)
    expect(shown[0]?.status).toBe('live')
    expect(shown.every(({ counts }) => counts.viewers.count > 0)).toBe(true)
  })

  test('uses one socket for many topics', async () => {
    const opened = await connect()
    const topics = Array.from({ length: 20 }, (_, i) => `video:${i}`)
    for (const topic of topics) record(opened.client.topic(topic))
    for (const topic of topics) await becomes(opened, topic, 0, 1)
    expect(opened.sockets).toHaveLength(1)
  })

  test('receives the counts as an observer without being counted', async () => {
    const opened = await connect()
    const store = opened.client.topic('video:1', { observe: true })
    record(store)
    await until(() => store.get().status === 'live')
    expect(store.get().counts).toEqual(counts(0, 0))
    opened.server.track('video:1', 'kiosk')
    await becomes(opened, 'video:1', 0, 1)
  })

  test('is counted in an observed topic without joining again, and observes again', async () => {
    const opened = await connect()
    const observed = record(opened.client.topic('video:1', { observe: true }))
    await becomes(opened, 'video:1', 0, 0)
    const counted = record(opened.client.topic('video:1'))
    await becomes(opened, 'video:1', 0, 1)
    counted.unsubscribe()
    await becomes(opened, 'video:1', 0, 0)
    opened.server.track('video:1', 'kiosk')
    await becomes(opened, 'video:1', 0, 1)
    const sent = opened.sent.map(({ event, payload }) => [event, payload])
    expect(sent).toEqual([
      ['phx_join', { observe: true }],
      ['observe', { observe: false }],
      ['observe', { observe: true }],
    ])
    expect(observed.shown.map(({ status }) => status)).toEqual(['live', 'live', 'live', 'live'])
  })

  test('starts from zeros of the groups that the server uses', async () => {
    const groups = ['members', 'guests'] as const
    const { client } = await connect({ groups }, { groups })
    const store = client.topic('video:1')
    expect(store.get()).toEqual({ counts: { members: { count: 0 }, guests: { count: 0 } }, status: 'connecting' })
    expect(store.get()).toBe(client.connecting)
    const { shown } = record(store)
    await until(() => shown.length > 0)
    expect(shown).toEqual([{ counts: { members: { count: 0 }, guests: { count: 1 } }, status: 'live' }])
  })

  test('reconnects after a restart of the server, and shows the last counts until then', async () => {
    let attempts = 0
    const random = () => {
      attempts++
      return 0.01
    }
    const opened = await connect({ random })
    const store = opened.client.topic('video:1')
    const { shown } = record(store)
    opened.server.track('video:1', 'kiosk')
    await becomes(opened, 'video:1', 0, 2)
    await opened.server.stop()
    await until(() => store.get().status === 'stale')
    expect(store.get().counts).toEqual(counts(0, 2))
    expect(opened.client.status).toBe('stale')
    await until(() => attempts >= 2) // at least one attempt has failed
    await opened.server.resume()
    await becomes(opened, 'video:1', 0, 1)
    expect(opened.client.status).toBe('live')
    expect(shown.filter(({ counts }) => counts.viewers.count === 0)).toEqual([])
  })

  test('notifies subscribers of the state of the connection', async () => {
    const { server, client } = await connect()
    const seen: string[] = []
    client.subscribe(() => seen.push(client.status))
    record(client.topic('video:1'))
    await until(() => client.status === 'live')
    await server.stop()
    await until(() => client.status === 'stale')
    await server.resume()
    await until(() => client.status === 'live')
    client.close()
    expect(seen).toEqual(['connecting', 'live', 'stale', 'live', 'closed'])
  })

  test('leaves its topics at once when closed, and connects again at the next subscription', async () => {
    const opened = await connect()
    const store = opened.client.topic('video:1')
    const { unsubscribe } = record(store)
    await becomes(opened, 'video:1', 0, 1)
    opened.client.close()
    await until(async () => (await opened.server.counts('video:1')).viewers.count === 0)
    expect(store.get()).toEqual({ counts: counts(0, 1), status: 'stale' })
    record(opened.client.topic('video:2')).unsubscribe()
    unsubscribe()
    expect(opened.client.status).toBe('connecting')
    opened.client.close()
    opened.client.signIn('a token')
    expect(opened.client.status).toBe('closed')
    await until(() => opened.sockets.every((socket) => socket.readyState === 3))
    opened.client.signOut()
    record(store)
    await becomes(opened, 'video:1', 0, 1)
    expect(opened.client.status).toBe('live')
  })

  test('does not connect when it is closed while its token is being fetched', async () => {
    let resolve = (_token: string) => {}
    const { server, client, sockets } = await connect({ token: () => new Promise<string>((done) => (resolve = done)) })
    record(client.topic('video:1'))
    client.close()
    resolve('a token')
    const other = open(server.url)
    record(other.client.topic('video:1'))
    await becomes(other, 'video:1', 0, 1)
    expect(sockets).toHaveLength(0)
  })
})
