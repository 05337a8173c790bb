import { beforeAll, describe, expect, test } from 'vitest'
import { clientsOn, phoenixes, started, watch } from '../test/clients.js'
import { counts, LiveServer, tokenOf, until } from '../test/live.js'

describe.each(phoenixes)('a refused join on stock %s', (phoenix) => {
  let open: Awaited<ReturnType<typeof clientsOn>>
  beforeAll(async () => {
    open = await clientsOn(phoenix)
  })

  const topics = ['video:*', { pattern: 'members', access: 'users' as const }]

  test('is told with its reason, and not asked again while nothing changes', async () => {
    const server = started(await LiveServer.start({ topics }))
    const { client, sent } = open(server.url, { random: () => 0 }) // a retry would come at once
    const store = client.topic('chat')
    const { seen } = watch(store)
    await until(() => store.get().status === 'refused')
    expect(seen).toEqual([{ counts: counts(0, 0), status: 'refused', reason: 'unmatched topic' }])
    for (const topic of ['video:1', 'video:2', 'video:3']) {
      watch(client.topic(topic))
      await until(() => client.topic(topic).get().status === 'live')
    }
    expect(sent.filter(({ topic, event }) => topic === 'chat' && event === 'phx_join')).toHaveLength(1)
    expect(seen).toHaveLength(1)
  })

  test('is asked again when we have signed in', async () => {
    const server = started(await LiveServer.start({ topics }))
    const { client } = open(server.url)
    const store = client.topic('members')
    watch(store)
    await until(() => store.get().status === 'refused')
    expect(store.get().reason).toBe('unauthorized')
    client.signIn(await tokenOf('7'))
    await until(() => store.get().status === 'live')
    expect(store.get()).toEqual({ counts: counts(1, 0), status: 'live' })
  })

  test('signed out of a topic, the counts known stay beside the refusal', async () => {
    const server = started(await LiveServer.start({ topics }))
    const { client } = open(server.url, { token: await tokenOf('7') })
    const store = client.topic('members')
    watch(store)
    await until(() => store.get().status === 'live')
    client.signOut()
    await until(() => store.get().status === 'refused')
    expect(store.get()).toEqual({ counts: counts(1, 0), status: 'refused', reason: 'unauthorized' })
  })

  test('is asked again when all have gone and one comes', async () => {
    const server = started(await LiveServer.start({ topics }))
    const { client, sent } = open(server.url, { linger: 0 })
    const store = client.topic('chat')
    const first = watch(store)
    await until(() => store.get().status === 'refused')
    first.undo()
    await until(() => store.get().status === 'connecting')
    const second = watch(store)
    await until(() => store.get().status === 'refused')
    expect(sent.filter(({ event }) => event === 'phx_join')).toHaveLength(2)
    expect(second.seen).toHaveLength(1)
  })
})
