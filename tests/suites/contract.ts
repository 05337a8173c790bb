import { countsOf, type UpgradeRefused, until, WireClient } from '@headcount/testing'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { describe, expect, test } from 'vitest'
import { newTopic, rotate } from '../support/topics.js'

export interface ContractOptions {
  /** Servers of one cluster with `contractConfig`. Each client connects to the next one. */
  urls(): readonly string[]
  /** Signs tokens. */
  readonly secret: string
  /** The log of the servers. */
  logged(): string
}

export const contractConfig = {
  topics: ['video:*', { pattern: 'staff:*', access: 'users' }, { pattern: 'team:*', access: 'token' }],
  limits: { topicsPerSocket: 3, pingAfter: 1000, pongTimeout: 1000 },
} as const

/** The rows of the wire protocol, on any number of servers. */
export function contractSuite({ urls, secret, logged }: ContractOptions): void {
  const next = rotate(urls)
  const errorReply = (reason: string) => ({ status: 'error', response: { reason } })
  const refusal = (options: Parameters<typeof WireClient.open>[1]) =>
    WireClient.open(next(), options).then(
      () => {
        throw new Error('the upgrade was not refused')
      },
      (error: UpgradeRefused) => ({ status: error.status, code: JSON.parse(error.body).error.code as string }),
    )

  describe.concurrent.each([1, 2] as const)('in version %i', (vsn) => {
    const open = (options = {}) => WireClient.open(next(), { vsn, ...options })

    test('a topic that no pattern allows, or with a name that is too long, is unmatched', async () => {
      const client = await open()
      for (const topic of ['nope', '', 'phoenix', `video:${'x'.repeat(250)}`, `video:${'é'.repeat(125)}`]) {
        const { payload, joinRef } = await client.join(topic)
        expect(payload).toEqual(errorReply('unmatched topic'))
        expect(joinRef).toBeNull()
      }
      expect((await client.join(`video:${'x'.repeat(249)}`)).payload.status).toBe('ok')
    })

    test('a topic for users only refuses a viewer and accepts a user', async () => {
      const staff = newTopic('staff')
      const viewer = await open()
      expect((await viewer.join(staff)).payload).toEqual(errorReply('unauthorized'))
      const user = await open({ token: tokenFor(secret, '7') })
      await user.enter(staff)
      await user.shows(staff, 1, 0)
    })

    test('a join past the limit of topics is refused, and the joined topics stay usable', async () => {
      const [one, two, three, four] = [newTopic('video'), newTopic('video'), newTopic('video'), newTopic('video')]
      const client = await open()
      for (const topic of [one, two, three]) await client.enter(topic)
      expect((await client.join(four)).payload).toEqual(errorReply('too many channels joined'))
      expect((await client.join(three)).payload.status).toBe('ok')
      await client.leave(one)
      expect((await client.join(four)).payload.status).toBe('ok')
    })

    test('an unknown event gets an error reply, and the channel stays joined', async () => {
      const topic = newTopic('video')
      const client = await (await open()).enter(topic)
      expect((await client.reply(client.push(topic, 'shout'))).payload).toEqual(errorReply('unknown event'))
      expect((await client.reply(client.push('video:unjoined', 'shout'))).payload).toEqual(
        errorReply('unmatched topic'),
      )
      await client.shows(topic, 0, 1)
    })

    test('a leave of a topic that is not joined gets an ok reply', async () => {
      expect((await (await open()).leave(newTopic('video'))).payload).toEqual({ status: 'ok', response: {} })
    })

    test('a socket that answers no ping is closed with 1002, and one that only answers pings stays', async () => {
      const topic = newTopic('video')
      const watcher = await (await open()).enter(topic, { observe: true })
      const silent = await (await open({ autoPong: false })).enter(topic)
      await watcher.shows(topic, 0, 1)
      expect((await silent.closed).code).toBe(1002)
      await watcher.shows(topic, 0, 0)
      expect(watcher.closedWith).toBeUndefined()
    })

    test('a token signs the open socket in, renews it and signs it out, in one diff each', async () => {
      const topic = newTopic('video')
      const watcher = await (await open()).enter(topic, { observe: true })
      const client = await (await open()).enter(topic)
      await watcher.shows(topic, 0, 1)
      const push = async (token: unknown) =>
        (await client.reply(client.push('phoenix', 'token', { token }, null))).payload
      const ok = { status: 'ok', response: {} }
      expect(await push(tokenFor(secret, '7'))).toEqual(ok)
      await watcher.shows(topic, 1, 0)
      expect(await push(tokenFor(secret, '7', { claims: { iat: 1 } }))).toEqual(ok)
      expect(await push('forged')).toEqual(errorReply('invalid token'))
      await watcher.shows(topic, 1, 0)
      expect(await push(null)).toEqual(ok)
      await watcher.shows(topic, 0, 1)
      const diffs = watcher.events(topic, 'presence_diff').map(({ payload }) => payload.counts)
      expect(diffs).toEqual([countsOf(0, 1), countsOf(1, 0), countsOf(0, 1)])
      expect(watcher.faults).toEqual([])
    })

    test('observe stops counting a channel, which still gets diffs, and counts it again', async () => {
      const topic = newTopic('video')
      const client = await (await open()).enter(topic)
      const observe = async (value: unknown) => (await client.reply(client.push(topic, 'observe', value))).payload
      expect((await observe({ observe: true })).status).toBe('ok')
      await client.shows(topic, 0, 0)
      expect((await observe({ observe: 'yes' })).status).toBe('error')
      expect((await observe({ observe: false })).status).toBe('ok')
      await client.shows(topic, 0, 1)
    })

    test('a topic that needs a token allows one whose topics match it', async () => {
      const topic = newTopic('team')
      const user = await open({ token: tokenFor(secret, '7') })
      expect((await user.join(topic)).payload).toEqual(errorReply('unauthorized'))
      const member = await open({ token: tokenFor(secret, '8', { claims: { topics: ['team:*'] } }) })
      await member.enter(topic)
      await member.shows(topic, 1, 0)
    })
  })

  describe.concurrent('an invalid frame', () => {
    test.each([
      ['text that is not JSON', 'hello', 1007, 'expected a JSON frame'],
      ['an object in version 2', '{}', 1008, 'expected [join_ref, ref, topic, event, payload]'],
      ['too few elements', '[null,"1","phoenix","heartbeat"]', 1008, 'got an array of 4'],
      ['a topic that is a number', '[null,"1",5,"heartbeat",{}]', 1008, 'expected topic as a string'],
    ])('%s closes its socket with a reason, and no other socket', async (_, text, code, reason) => {
      const topic = newTopic('video')
      const other = await (await WireClient.open(next())).enter(topic)
      const invalid = await (await WireClient.open(next())).enter(topic)
      await other.shows(topic, 0, 2)
      invalid.sendText(text)
      const closed = await invalid.closed
      expect(closed.code).toBe(code)
      expect(closed.reason).toContain(reason)
      await other.shows(topic, 0, 1)
      expect(other.faults).toEqual([])
    })

    test('a binary frame in version 1 closes with 1008, a frame that is too large with 1009', async () => {
      const binary = await WireClient.open(next(), { vsn: 1 })
      binary.socket.send(Buffer.from([0, 1, 1]))
      expect((await binary.closed).code).toBe(1008)
      const large = await WireClient.open(next())
      large.sendText(`[null,"1","phoenix","heartbeat","${'x'.repeat(8_192)}"]`)
      expect((await large.closed).code).toBe(1009)
    })
  })

  describe.concurrent('an upgrade request', () => {
    test.each(['9.0.0', '2.5.0', '2', 'abc'])('of version %s is refused with 403', async (vsn) => {
      expect(await refusal({ vsn })).toEqual({ status: 403, code: 'unsupported_vsn' })
    })

    test.each(['1.0.9', '2.0.7', null])('of version %s is accepted', async (vsn) => {
      expect((await (await WireClient.open(next(), { vsn })).heartbeat()).payload.status).toBe('ok')
    })

    test('without the upgrade headers is answered with 400', async () => {
      expect((await fetch(`${next()}/socket/websocket?vsn=2.0.0`)).status).toBe(400)
    })

    test('from a page of another host is refused with 403', async () => {
      expect(await refusal({ headers: { origin: 'https://elsewhere.example' } })).toEqual({
        status: 403,
        code: 'origin',
      })
      await WireClient.open(next(), { headers: { origin: 'http://127.0.0.1:5173' } })
    })

    test('with a client id that is too long is refused with 400', async () => {
      expect(await refusal({ clientId: 'x'.repeat(65) })).toEqual({ status: 400, code: 'client_id' })
      await WireClient.open(next(), { clientId: 'x'.repeat(64) })
    })

    test('with an invalid token makes a viewer', async () => {
      const topic = newTopic('video')
      const invalid = [tokenFor('another secret', '7'), tokenFor(secret, '7', { exp: 1 }), 'nonsense', 'x'.repeat(9000)]
      for (const [i, token] of invalid.entries()) {
        const client = await (await WireClient.open(next(), { token })).enter(topic)
        await client.shows(topic, 0, i + 1)
      }
      await until('the log entry', () => logged().includes('"event":"token_expired"'))
    })
  })
}
