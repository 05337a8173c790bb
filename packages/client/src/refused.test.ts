import { record } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { tokenOf } from '@headcount/tools/live/live-server.mjs'
import { describe, expect, test } from 'vitest'
import { connect } from '../test/clients.js'

describe('a refused join', () => {
  const topics = ['video:*', { pattern: 'members', access: 'users' as const }]

  test('shows the reason, and is not retried on the same connection', async () => {
    const { client, sent } = await connect({ random: () => 0 }, { topics }) // retries would have no delay
    const store = client.topic('chat')
    const { shown } = record(store)
    await until(() => store.get().status === 'refused')
    expect(shown).toEqual([{ counts: counts(0, 0), status: 'refused', reason: 'unmatched topic' }])
    for (const topic of ['video:1', 'video:2', 'video:3']) {
      record(client.topic(topic))
      await until(() => client.topic(topic).get().status === 'live')
    }
    expect(sent.filter(({ topic, event }) => topic === 'chat' && event === 'phx_join')).toHaveLength(1)
    expect(shown).toHaveLength(1)
  })

  test('shows the reason if the name is too long, which the server does not repeat', async () => {
    const { client } = await connect({}, { topics })
    const store = client.topic(`video:${'x'.repeat(300)}`)
    record(store)
    await until(() => store.get().status === 'refused')
    expect(store.get().reason).toBe('unmatched topic')
  })

  test('is retried if there was no room, until there is', async () => {
    const { client } = await connect({ linger: 0, random: () => 0.01 }, { limits: { topicsPerSocket: 3 } })
    const open = (prefix: string) => [1, 2, 3].map((i) => record(client.topic(`${prefix}:${i}`)))
    const allLive = (prefix: string) =>
      until(() => [1, 2, 3].every((i) => client.topic(`${prefix}:${i}`).get().status === 'live'))
    const first = open('a')
    await allLive('a')
    open('b')
    await until(() => client.topic('b:3').get().status === 'refused')
    expect(client.topic('b:3').get().reason).toBe('too many channels joined')
    for (const { unsubscribe } of first) unsubscribe()
    await allLive('b')
  })

  test('is retried after signing in', async () => {
    const { client } = await connect({}, { topics })
    const store = client.topic('members')
    const { shown } = record(store)
    await until(() => store.get().status === 'refused')
    expect(store.get().reason).toBe('unauthorized')
    client.signIn(tokenOf('7'))
    await until(() => store.get().status === 'live')
    expect(store.get()).toEqual({ counts: counts(1, 0), status: 'live' })
    expect(shown.map(({ status }) => status)).toEqual(['refused', 'connecting', 'live'])
  })

  test('keeps the last counts when signing out revokes access', async () => {
    const { client } = await connect({ token: tokenOf('7') }, { topics })
    const store = client.topic('members')
    record(store)
    await until(() => store.get().status === 'live')
    client.signOut()
    await until(() => store.get().status === 'refused')
    expect(store.get()).toEqual({ counts: counts(1, 0), status: 'refused', reason: 'unauthorized' })
  })

  test('is retried when a subscriber comes after the last one has left', async () => {
    const { client, sent } = await connect({ linger: 0 }, { topics })
    const store = client.topic('chat')
    const first = record(store)
    await until(() => store.get().status === 'refused')
    first.unsubscribe()
    await until(() => store.get().status === 'connecting')
    const second = record(store)
    await until(() => store.get().status === 'refused')
    expect(sent.filter(({ event }) => event === 'phx_join')).toHaveLength(2)
    expect(second.shown).toHaveLength(1)
  })
})
