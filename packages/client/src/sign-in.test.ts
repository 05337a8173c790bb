import { beforeAll, describe, expect, test } from 'vitest'
import { clientsOn, phoenixes, started, watch } from '../test/clients.js'
import { counts, LiveServer, tokenOf, until } from '../test/live.js'
import { ScriptedServer } from '../test/scripted.js'

describe.each(phoenixes)('sign-in on stock %s', (phoenix) => {
  let open: Awaited<ReturnType<typeof clientsOn>>
  beforeAll(async () => {
    open = await clientsOn(phoenix)
  })

  const bearer = 'base64url.bearer.phx.'
  /** The tokens that came, one a socket, by the way that this phoenix has. */
  const tokensOf = ({ upgrades }: LiveServer): (string | null)[] =>
    upgrades.map(({ params, protocols }) => {
      if (phoenix === 'phoenix-1.7') return params.get('token')
      const offered = protocols.find((name) => name.startsWith(bearer))
      return offered ? Buffer.from(offered.slice(bearer.length), 'base64').toString() : null
    })

  test('a token makes a user of us', async () => {
    const server = started(await LiveServer.start())
    const token = await tokenOf('7')
    const { client } = open(server.url, { token })
    const { seen } = watch(client.topic('video:1'))
    await until(() => client.topic('video:1').get().counts.users.count === 1)
    expect(seen).toEqual([{ counts: counts(1, 0), status: 'live' }])
    expect(tokensOf(server)).toEqual([token])
  })

  test('without a token none is offered', async () => {
    const server = started(await LiveServer.start())
    const { client } = open(server.url, { token: async () => null })
    watch(client.topic('video:1'))
    await until(() => client.topic('video:1').get().status === 'live')
    expect(server.upgrades[0]?.protocols).toEqual([''])
    expect(server.upgrades[0]?.params.has('token')).toBe(false)
  })

  test('the token is fetched anew at each connect', async () => {
    const server = started(await LiveServer.start())
    const tokens = await Promise.all(['7', '8'].map((user) => tokenOf(user)))
    const rest = [...tokens]
    const { client } = open(server.url, { token: async () => rest.shift() ?? null })
    watch(client.topic('video:1'))
    await until(() => client.status === 'live')
    await server.stop()
    await until(() => client.status === 'stale')
    rest.unshift(...(rest.length > 0 ? [] : [tokens[1]!])) // an attempt while the server was away may have taken it
    await server.resume()
    await until(() => client.topic('video:1').get().status === 'live')
    expect(tokensOf(server)[0]).toBe(tokens[0])
    expect(server.upgrades).toHaveLength(2)
  })

  test('a token that cannot be fetched is asked for again, and nobody is counted as a viewer meanwhile', async () => {
    const server = started(await LiveServer.start())
    const token = await tokenOf('7')
    let asked = 0
    const { client } = open(server.url, {
      token: async () => {
        if (++asked < 3) throw new Error('the API is away')
        return token
      },
    })
    watch(client.topic('video:1'))
    await until(() => client.topic('video:1').get().counts.users.count === 1)
    expect(tokensOf(server)).toEqual([token])
  })

  test('signing in and out moves us from one group to the other, on one socket, and never shows a wrong sum', async () => {
    const server = started(await LiveServer.start())
    server.track('video:1', 'a kiosk')
    const { client, sockets } = open(server.url)
    const store = client.topic('video:1')
    const { seen } = watch(store)
    await until(() => store.get().counts.viewers.count === 2)
    client.signIn(await tokenOf('7'))
    await until(() => store.get().counts.users.count === 1 && store.get().status === 'live')
    expect(store.get().counts).toEqual(counts(1, 1))
    client.signOut()
    await until(() => store.get().counts.viewers.count === 2 && store.get().status === 'live')
    expect(seen).toEqual([
      { counts: counts(0, 2), status: 'live' },
      { counts: counts(0, 2), status: 'stale' },
      { counts: counts(1, 1), status: 'live' },
      { counts: counts(1, 1), status: 'stale' },
      { counts: counts(0, 2), status: 'live' },
    ])
    expect(sockets.filter((socket) => socket.readyState === 1)).toHaveLength(1)
    expect(tokensOf(server).map((token) => token !== null)).toEqual([false, true, false])
  })

  test('who signs in twice in a breath is the second', async () => {
    const server = started(await LiveServer.start())
    const [first, second] = [await tokenOf('7'), await tokenOf('8')]
    const { client } = open(server.url)
    const store = client.topic('video:1')
    watch(store)
    await until(() => store.get().status === 'live')
    client.signIn(first)
    client.signIn(second)
    await until(() => store.get().counts.users.count === 1 && store.get().status === 'live')
    expect(tokensOf(server)).toEqual([null, second])
  })

  test('signing in before anything is wanted connects nothing', async () => {
    const server = started(await LiveServer.start())
    const token = await tokenOf('7')
    const { client } = open(server.url)
    client.signIn(token)
    expect(client.status).toBe('idle')
    watch(client.topic('video:1'))
    await until(() => client.topic('video:1').get().counts.users.count === 1)
    expect(tokensOf(server)).toEqual([token])
  })

  test('signing in works over a connection that is dead and does not say so', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    const store = client.topic('video:1')
    watch(store)
    const before = await server.join(1)
    before.reply('ok')
    before.say('presence_state', counts(0, 5))
    await until(() => store.get().status === 'live')
    before.socket.pause() // hears no close, and answers none
    client.signIn('a token')
    const after = await server.join(2)
    after.reply('ok')
    after.say('presence_state', counts(1, 4))
    await until(() => store.get().counts.users.count === 1)
    expect(store.get()).toEqual({ counts: counts(1, 4), status: 'live' })
  })

  test('the random id of a browser goes along, or the one given, or none', async () => {
    const server = started(await LiveServer.start())
    for (const clientId of [undefined, 'kiosk-3', false] as const) {
      const { client } = open(server.url, clientId === undefined ? {} : { clientId })
      watch(client.topic('video:1'))
      await until(() => client.status === 'live')
    }
    const ids = server.upgrades.map(({ params }) => params.get('client_id'))
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), 'kiosk-3', null])
  })

  test('params of your own go along', async () => {
    const server = started(await LiveServer.start())
    for (const params of [{ app: 'tv' }, () => ({ app: 'tv' })]) {
      const { client } = open(server.url, { socket: { params } })
      watch(client.topic('video:1'))
      await until(() => client.status === 'live')
    }
    expect(server.upgrades.map(({ params }) => params.get('app'))).toEqual(['tv', 'tv'])
  })
})
