import { record } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { tokenOf } from '@headcount/tools/live/live-server.mjs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { connect, open, type TestClient } from '../test/clients.js'
import { ScriptedServer } from '../test/scripted-server.js'

describe('signing in', () => {
  /** The subprotocol with this prefix that each connection offered. */
  const offered = ({ connections }: TestClient, prefix: string): (string | null)[] =>
    connections.map(({ protocols }) => {
      const found = protocols.find((name) => name.startsWith(prefix))
      return found === undefined ? null : Buffer.from(found.slice(prefix.length), 'base64url').toString()
    })
  const tokensOf = (opened: TestClient) => offered(opened, 'base64url.bearer.phx.')
  /** A token that expires after a number of seconds. */
  const lasting = (seconds: number) =>
    `x.${Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + seconds })).toString('base64url')}.x`
  /** The tokens sent on an open socket. */
  const tokensSent = ({ sent }: TestClient) =>
    sent.filter(({ event }) => event === 'token').map(({ payload }) => (payload as { token: string | null }).token)

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

  test('retries when fetching the token fails, and never connects as a viewer', async () => {
    const token = tokenOf('7')
    let attempts = 0
    const opened = await connect({
      token: async () => {
        if (++attempts < 3) throw new Error('the API is unreachable')
        return token
      },
    })
    const { client } = opened
    const errors: unknown[] = []
    client.subscribe(() => errors.push([client.error?.code, client.error?.message]))
    record(client.topic('video:1'))
    await until(() => client.topic('video:1').get().counts.users.count === 1)
    expect(tokensOf(opened)).toEqual([token])
    expect(errors).toContainEqual(['no_token', 'Error: the API is unreachable'])
    expect(client.error).toBeNull()
  })

  test('moves the client between groups over the open socket, and no count is ever wrong', async () => {
    const opened = await connect()
    opened.server.track('video:1', 'kiosk')
    const { client, sockets } = opened
    const store = client.topic('video:1')
    const { shown } = record(store)
    await until(() => store.get().counts.viewers.count === 2)
    const token = tokenOf('7')
    client.signIn(token)
    await until(() => store.get().counts.users.count === 1 && store.get().status === 'live')
    expect(store.get().counts).toEqual(counts(1, 1))
    client.signOut()
    await until(() => store.get().counts.viewers.count === 2 && store.get().status === 'live')
    expect(shown).toEqual([
      { counts: counts(0, 2), status: 'live' },
      { counts: counts(1, 1), status: 'live' },
      { counts: counts(0, 2), status: 'live' },
    ])
    expect(sockets).toHaveLength(1)
    expect(tokensSent(opened)).toEqual([token, null])
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
    expect([tokensOf(opened), tokensSent(opened)]).toEqual([[null], [second]])
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

  test('with an invalid token changes nothing, and reports an error', async () => {
    const { client } = await connect({ token: tokenOf('7') })
    const store = client.topic('video:1')
    const { shown } = record(store)
    await until(() => store.get().status === 'live')
    client.signIn('no token')
    await until(() => client.error !== null)
    expect(client.error?.code).toBe('invalid_token')
    expect(store.get()).toEqual({ counts: counts(1, 0), status: 'live' })
    client.signIn(tokenOf('8'))
    await until(() => client.error === null)
    expect(shown).toHaveLength(1)
  })

  test('is retried if the token cannot be checked', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    record(client.topic('video:1'))
    ;(await server.join(1)).accept(counts(0, 5))
    client.signIn('a token')
    const first = await server.request('token')
    first.reply('error', { reason: 'token cannot be checked' })
    const second = await server.request('token', 2)
    second.reply('ok')
    expect([first, second].map(({ payload }) => payload)).toEqual([{ token: 'a token' }, { token: 'a token' }])
    expect(server.joins).toHaveLength(1)
  })

  test('is retried with growing delays while the token cannot be checked', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    record(client.topic('video:1'))
    ;(await server.join(1)).accept(counts(0, 5))
    client.signIn('a token')
    const delays: number[] = []
    for (let n = 1; n <= 4; n++) {
      const refused = performance.now()
      ;(await server.request('token', n)).reply('error', { reason: 'token cannot be checked' })
      await server.request('token', n + 1)
      delays.push(performance.now() - refused)
    }
    // 10, 20, 40 and 80 ms.
    expect(delays[3]).toBeGreaterThan(75)
  })

  test('is retried if the token could not be fetched', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    record(client.topic('video:1'))
    ;(await server.join(1)).accept(counts(0, 5))
    let fetches = 0
    client.signIn(() => {
      if (++fetches === 1) throw new Error('the API is unreachable')
      return 'a token'
    })
    const { payload } = await server.request('token')
    expect([fetches, payload, server.joins.length]).toEqual([2, { token: 'a token' }, 1])
  })

  test('works over a connection that is dead and was never closed', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url, { socket: { timeout: 200 } })
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

  test('is renewed over the open socket before a token from a function expires', async () => {
    const tokens = [lasting(1), lasting(3600)]
    const server = await ScriptedServer.start()
    const opened = open(server.url, { token: () => tokens.shift()!, socket: { heartbeatIntervalMs: 20 } })
    record(opened.client.topic('video:1'))
    ;(await server.join(1)).accept(counts(1, 0))
    ;(await server.request('token')).reply('ok')
    await until(() => opened.sent.filter(({ event }) => event === 'heartbeat').length > 5)
    expect(tokensSent(opened)).toHaveLength(1)
    expect(server.joins).toHaveLength(1)
  })

  test('is renewed at most once per heartbeat, even if a token expires sooner', async () => {
    const server = await ScriptedServer.start()
    const opened = open(server.url, { token: () => lasting(1), socket: { heartbeatIntervalMs: 300 } })
    record(opened.client.topic('video:1'))
    const join = await server.join(1)
    join.accept(counts(1, 0))
    const start = performance.now()
    for (let n = 1; n <= 3; n++) {
      const request = await server.request('token', n)
      for (let i = 1; i <= 20; i++) join.send('presence_state', counts(1, i))
      request.reply('ok')
    }
    expect(performance.now() - start).toBeGreaterThan(850)
  })

  test('sends and stores no client id by default, and never in the URL', async () => {
    const ids = []
    for (const clientId of [undefined, 'kiosk-3', 'Kiosk für alle', 'session', 'browser'] as const) {
      const opened = await connect({ clientId })
      record(opened.client.topic('video:1'))
      await until(() => opened.client.status === 'live')
      ids.push(offered(opened, 'base64url.client_id.')[0])
      expect([...opened.connections[0]!.params.keys()]).toEqual(['vsn'])
    }
    const random = expect.stringMatching(/^\d+(-\d+){4}$/)
    expect(ids).toEqual([null, 'kiosk-3', 'Kiosk für alle', random, random])
  })

  test('signing out sends a new random id over a new socket, and keeps an explicit id', async () => {
    for (const clientId of ['session', 'kiosk-3'] as const) {
      const opened = await connect({ clientId, token: tokenOf('7') })
      const store = opened.client.topic('video:1')
      const { shown } = record(store)
      await until(() => store.get().counts.users.count === 1)
      opened.client.signOut()
      await until(() => store.get().counts.viewers.count === 1 && store.get().status === 'live')
      const ids = offered(opened, 'base64url.client_id.')
      if (clientId === 'session') {
        expect(new Set(ids).size).toBe(2)
        expect(tokensSent(opened)).toEqual([])
      } else expect([ids, tokensSent(opened)]).toEqual([['kiosk-3'], [null]])
      expect(shown.every(({ counts }) => counts.users.count + counts.viewers.count === 1)).toBe(true)
    }
  })

  test('signing out keeps the open socket if no random id was sent', async () => {
    vi.stubGlobal('navigator', { globalPrivacyControl: true })
    onTestFinished(() => void vi.unstubAllGlobals())
    const opened = await connect({ clientId: 'session', globalPrivacyControl: true, token: tokenOf('7') })
    const store = opened.client.topic('video:1')
    record(store)
    await until(() => store.get().counts.users.count === 1)
    opened.client.signOut()
    await until(() => store.get().counts.viewers.count === 1)
    expect(opened.sockets).toHaveLength(1)
  })

  test('sends no client id if Global Privacy Control is on and to be honored', async () => {
    vi.stubGlobal('navigator', { globalPrivacyControl: true })
    onTestFinished(() => void vi.unstubAllGlobals())
    const ids = []
    for (const globalPrivacyControl of [false, true]) {
      const opened = await connect({ clientId: 'session', globalPrivacyControl })
      record(opened.client.topic('video:1'))
      await until(() => opened.client.status === 'live')
      ids.push(offered(opened, 'base64url.client_id.')[0])
    }
    expect(ids).toEqual([expect.any(String), null])
  })

  test('counts the connections of one client id as one person', async () => {
    const people = { topics: [{ pattern: '*', unit: 'people' as const }] }
    const one = await connect({ clientId: 'a browser' }, people)
    const other = open(one.server.url, { clientId: 'a browser' })
    for (const { client } of [one, other]) {
      record(client.topic('video:1'))
      await until(() => client.topic('video:1').get().status === 'live')
    }
    expect(await one.server.counts('video:1')).toEqual(counts(0, 1))
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
