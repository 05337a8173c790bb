import { record } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { tokenOf } from '@headcount/tools/live/live-server.mjs'
import { expect, test } from 'vitest'
import { describeOnPhoenix, type TestClient } from '../test/clients.js'
import { ScriptedServer } from '../test/scripted-server.js'

describeOnPhoenix('signing in', ({ connect, open, phoenix }) => {
  const bearer = 'base64url.bearer.phx.'
  /** The token of each connection, sent in the way of this version of phoenix. */
  const tokensOf = ({ connections }: TestClient): (string | null)[] =>
    connections.map(({ params, protocols }) => {
      if (phoenix === 'phoenix-1.7') return params.get('token')
      const offered = protocols.find((name) => name.startsWith(bearer))
      return offered ? Buffer.from(offered.slice(bearer.length), 'base64').toString() : null
    })

  test('counts a client with a token as a user', async () => {
    const token = tokenOf('7')
    const opened = await connect({ token })
    const { client } = opened
    const { shown } = record(client.topic('video:1'))
    await until(() => client.topic('video:1').get().counts.users.count === 1)
    expect(shown).toEqual([{ counts: counts(1, 0), status: 'live' }])
    expect(tokensOf(opened)).toEqual([token])
  })

  test('sends no token when there is none', async () => {
    const opened = await connect({ token: async () => null })
    const { client } = opened
    record(client.topic('video:1'))
    await until(() => client.topic('video:1').get().status === 'live')
    expect(opened.connections[0]?.protocols).toEqual([])
    expect(opened.connections[0]?.params.has('token')).toBe(false)
  })

  test('fetches the token again for each connection', async () => {
    const tokens = [tokenOf('7'), tokenOf('8')] as const
    const rest: string[] = [...tokens]
    const opened = await connect({ token: async () => rest.shift() ?? null })
    const { client } = opened
    record(client.topic('video:1'))
    await until(() => client.status === 'live')
    await opened.server.stop()
    await until(() => client.status === 'stale')
    if (rest.length === 0) rest.push(tokens[1]) // an attempt while the server was stopped has used it
    await opened.server.resume()
    await until(() => client.topic('video:1').get().status === 'live')
    expect(tokensOf(opened)[0]).toBe(tokens[0])
    expect(opened.connections).toHaveLength(2)
  })

  test('retries when fetching the token fails, and does not connect as a viewer meanwhile', async () => {
    const token = tokenOf('7')
    let attempts = 0
    const opened = await connect({
      token: async () => {
        if (++attempts < 3) throw new Error('the API is unreachable')
        return token
      },
    })
    const { client } = opened
    record(client.topic('video:1'))
    await until(() => client.topic('video:1').get().counts.users.count === 1)
    expect(tokensOf(opened)).toEqual([token])
  })

  test('moves the client from one group to the other and back, with one open socket and correct sums', async () => {
    const opened = await connect()
    opened.server.track('video:1', 'kiosk')
    const { client, sockets } = opened
    const store = client.topic('video:1')
    const { shown } = record(store)
    await until(() => store.get().counts.viewers.count === 2)
    client.signIn(tokenOf('7'))
    await until(() => store.get().counts.users.count === 1 && store.get().status === 'live')
    expect(store.get().counts).toEqual(counts(1, 1))
    client.signOut()
    await until(() => store.get().counts.viewers.count === 2 && store.get().status === 'live')
    expect(shown).toEqual([
      { counts: counts(0, 2), status: 'live' },
      { counts: counts(0, 2), status: 'stale' },
      { counts: counts(1, 1), status: 'live' },
      { counts: counts(1, 1), status: 'stale' },
      { counts: counts(0, 2), status: 'live' },
    ])
    expect(sockets.filter((socket) => socket.readyState === 1)).toHaveLength(1)
    expect(tokensOf(opened).map((token) => token !== null)).toEqual([false, true, false])
  })

  test('uses the second token of two sign-ins in a row', async () => {
    const opened = await connect()
    const { client } = opened
    const store = client.topic('video:1')
    record(store)
    await until(() => store.get().status === 'live')
    const second = tokenOf('8')
    client.signIn(tokenOf('7'))
    client.signIn(second)
    await until(() => store.get().counts.users.count === 1 && store.get().status === 'live')
    expect(tokensOf(opened)).toEqual([null, second])
  })

  test('does not connect before a topic is subscribed to', async () => {
    const opened = await connect()
    const { client } = opened
    const token = tokenOf('7')
    client.signIn(token)
    expect(client.status).toBe('idle')
    record(client.topic('video:1'))
    await until(() => client.topic('video:1').get().counts.users.count === 1)
    expect(tokensOf(opened)).toEqual([token])
  })

  test('works over a connection that is dead and was never closed', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    const store = client.topic('video:1')
    record(store)
    const before = await server.join(1)
    before.accept(counts(0, 5))
    await until(() => store.get().status === 'live')
    before.socket.pause() // neither receives nor answers the close frame
    client.signIn('a token')
    const after = await server.join(2)
    after.accept(counts(1, 4))
    await until(() => store.get().counts.users.count === 1)
    expect(store.get()).toEqual({ counts: counts(1, 4), status: 'live' })
  })

  test('sends the random id of the browser, a given one, or none', async () => {
    const ids = []
    for (const clientId of [undefined, 'kiosk-3', false] as const) {
      const { client, connections } = await connect({ clientId })
      record(client.topic('video:1'))
      await until(() => client.status === 'live')
      ids.push(connections[0]?.params.get('client_id'))
    }
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), 'kiosk-3', null])
  })

  test('sends params of the application', async () => {
    for (const params of [{ app: 'tv' }, () => ({ app: 'tv' })]) {
      const { client, connections } = await connect({ socket: { params } })
      record(client.topic('video:1'))
      await until(() => client.status === 'live')
      expect(connections[0]?.params.get('app')).toBe('tv')
    }
  })
})
