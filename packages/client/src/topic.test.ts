import { beforeAll, describe, expect, test } from 'vitest'
import { clientsOn, phoenixes, watch } from '../test/clients.js'
import { counts, until } from '../test/live.js'
import { ScriptedServer } from '../test/scripted.js'

const diff = (joins: [number, number], leaves: [number, number]) => ({
  joins: counts(...joins),
  leaves: counts(...leaves),
})

describe.each(phoenixes)('a topic, told frame by frame, on stock %s', (phoenix) => {
  let open: Awaited<ReturnType<typeof clientsOn>>
  beforeAll(async () => {
    open = await clientsOn(phoenix)
  })

  test('adds joins and takes away leaves where diffs carry no whole, as those of a real Phoenix', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    const { seen } = watch(client.topic('video:1'))
    const join = await server.join(1)
    join.reply('ok')
    join.say('presence_state', counts(2, 3))
    join.tell('presence_diff', diff([0, 1], [0, 0]))
    join.tell('presence_diff', diff([1, 0], [0, 2]))
    await until(() => seen.length === 2)
    const later = watch(client.topic('video:2'))
    const second = await server.join(2)
    second.reply('ok')
    second.say('presence_state', counts(0, 5))
    await until(() => later.seen.length === 1) // a state that waits has waited its time
    expect(seen).toEqual([
      { counts: counts(2, 4), status: 'live' },
      { counts: counts(3, 2), status: 'live' },
    ])
  })

  test('takes the whole where a diff carries it', async () => {
    const server = await ScriptedServer.start()
    const store = open(server.url).client.topic('video:1')
    watch(store)
    const join = await server.join(1)
    join.reply('ok')
    join.say('presence_state', counts(2, 3))
    join.tell('presence_diff', { ...diff([0, 1], [0, 0]), counts: counts(7, 7) })
    await until(() => store.get().status === 'live')
    expect(store.get().counts).toEqual(counts(7, 7))
  })

  test('a state that comes again replaces what was known, at once', async () => {
    const server = await ScriptedServer.start()
    const store = open(server.url).client.topic('video:1')
    watch(store)
    const join = await server.join(1)
    join.reply('ok')
    join.say('presence_state', counts(2, 3))
    await until(() => store.get().status === 'live')
    join.say('presence_state', counts(9, 9))
    await until(() => store.get().counts.users.count === 9)
    join.tell('presence_diff', diff([0, 0], [1, 1]))
    await until(() => store.get().counts.users.count === 8)
    expect(store.get()).toEqual({ counts: counts(8, 8), status: 'live' })
  })

  test('nobody is told where nothing has changed', async () => {
    const server = await ScriptedServer.start()
    const store = open(server.url).client.topic('video:1')
    const { seen } = watch(store)
    const join = await server.join(1)
    join.reply('ok')
    join.say('presence_state', counts(2, 3))
    await until(() => store.get().status === 'live')
    const before = store.get()
    join.tell('presence_diff', diff([0, 1], [0, 1]))
    join.say('presence_state', counts(2, 3))
    join.tell('presence_diff', diff([0, 1], [0, 0]))
    await until(() => store.get() !== before)
    expect(seen).toEqual([before, { counts: counts(2, 4), status: 'live' }])
  })

  test('an empty state of a topic that we are in waits for our own join, however late', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    const store = client.topic('video:1')
    const { seen } = watch(store)
    const join = await server.join(1)
    join.reply('ok')
    join.say('presence_state', counts(0, 0))
    const other = watch(client.topic('video:2'))
    const second = await server.join(2)
    second.reply('ok')
    second.say('presence_state', counts(0, 5))
    await until(() => other.seen.length === 1) // a state that is not empty has waited its time
    expect(seen).toEqual([])
    join.tell('presence_diff', diff([0, 1], [0, 0]))
    await until(() => seen.length === 1)
    expect(seen).toEqual([{ counts: counts(0, 1), status: 'live' }])
  })

  test('and is shown in the end where no join comes', async () => {
    const server = await ScriptedServer.start()
    const store = open(server.url).client.topic('video:1')
    const { seen } = watch(store)
    const join = await server.join(1)
    join.reply('ok')
    join.say('presence_state', counts(0, 0))
    await until(() => seen.length === 1)
    expect(seen).toEqual([{ counts: counts(0, 0), status: 'live' }])
  })

  test('diffs that come between a loss and the next state change nothing', async () => {
    const server = await ScriptedServer.start()
    const store = open(server.url).client.topic('video:1')
    const { seen } = watch(store)
    const before = await server.join(1)
    before.reply('ok')
    before.say('presence_state', counts(0, 3))
    await until(() => store.get().status === 'live')
    before.say('phx_error', {})
    const after = await server.join(2)
    after.tell('presence_diff', diff([5, 5], [0, 0]))
    after.reply('ok')
    after.tell('presence_diff', diff([5, 5], [0, 0]))
    before.say('presence_state', counts(6, 6))
    after.say('presence_state', counts(0, 4))
    after.tell('presence_diff', diff([0, 1], [0, 0]))
    await until(() => store.get().status === 'live')
    expect(seen).toEqual([
      { counts: counts(0, 3), status: 'live' },
      { counts: counts(0, 3), status: 'stale' },
      { counts: counts(0, 5), status: 'live' },
    ])
  })

  test('a channel that the server closes is over until the next connection', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    const store = client.topic('video:1')
    watch(store)
    const join = await server.join(1)
    join.reply('ok')
    join.say('presence_state', counts(0, 3))
    await until(() => store.get().status === 'live')
    join.say('phx_close', {})
    await until(() => store.get().status === 'refused')
    expect(store.get()).toEqual({ counts: counts(0, 3), status: 'refused', reason: 'closed' })
    join.socket.terminate()
    const again = await server.join(2)
    again.reply('ok')
    again.say('presence_state', counts(0, 4))
    await until(() => store.get().status === 'live')
    expect(store.get().counts).toEqual(counts(0, 4))
  })

  test('a connection that breaks shows what was known as stale, and what was never known as connecting', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    const known = watch(client.topic('video:1'))
    const unknown = watch(client.topic('video:2'))
    const join = await server.join(1)
    await server.join(2)
    join.reply('ok')
    join.say('presence_state', counts(0, 3))
    await until(() => known.seen.length === 1)
    join.socket.terminate()
    await until(() => client.topic('video:1').get().status === 'stale')
    expect(client.topic('video:2').get()).toEqual({ counts: counts(0, 0), status: 'connecting' })
    expect(unknown.seen).toEqual([])
    await server.join(4)
  })
})
