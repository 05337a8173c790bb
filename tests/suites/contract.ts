import { tokenFor, type UpgradeRefused, until, WireClient } from '@headcount/testing'
import { describe, expect, test } from 'vitest'
import { fresh, inTurn } from './fresh.js'

export interface ContractOptions {
  /** Servers that count as one, set up as `contractConfig`. Each connection is another one's. */
  urls(): readonly string[]
  /** What signs tokens. */
  readonly secret: string
  /** All that they have logged. */
  logged(): string
}

/** How the servers are to be set up. */
export const contractConfig = {
  topics: ['video:*', { pattern: 'staff:*', access: 'users' }],
  limits: { topicsPerSocket: 3, heartbeat: 1500 },
} as const

/** Each row of the contract gets its answer, at whichever server. */
export function contractSuite({ urls, secret, logged }: ContractOptions): void {
  const next = inTurn(urls)
  const refusal = (reason: string) => ({ status: 'error', response: { reason } })
  const refused = (options: Parameters<typeof WireClient.open>[1]) =>
    WireClient.open(next(), options).then(
      () => {
        throw new Error('expected the upgrade to be refused, got a socket')
      },
      (error: UpgradeRefused) => ({
        status: error.status,
        code: JSON.parse(error.body).error.code as string,
      }),
    )

  describe.each([1, 2] as const)('in version %i', (vsn) => {
    const open = (options = {}) => WireClient.open(next(), { vsn, ...options })

    test('a topic that no pattern allows, or with an endless name, is unmatched', async () => {
      const client = await open()
      for (const topic of ['nope', '', 'phoenix', `video:${'x'.repeat(250)}`, `video:${'é'.repeat(125)}`]) {
        const { payload, joinRef } = await client.join(topic)
        expect(payload).toEqual(refusal('unmatched topic'))
        expect(joinRef).toBeNull()
      }
      expect((await client.join(`video:${'x'.repeat(249)}`)).payload.status).toBe('ok')
    })

    test('a topic for users alone is unauthorized to a viewer, and open to a user', async () => {
      const staff = fresh('staff')
      const viewer = await open()
      expect((await viewer.join(staff)).payload).toEqual(refusal('unauthorized'))
      const user = await open({ token: tokenFor(secret, '7') })
      await user.enter(staff)
      await user.shows(staff, 1, 0)
    })

    test('a socket holds so many topics, and may go on with those it has', async () => {
      const [one, two, three, four] = [fresh('video'), fresh('video'), fresh('video'), fresh('video')]
      const client = await open()
      for (const topic of [one, two, three]) await client.enter(topic)
      expect((await client.join(four)).payload).toEqual(refusal('too many channels joined'))
      expect((await client.join(three)).payload.status).toBe('ok')
      await client.leave(one)
      expect((await client.join(four)).payload.status).toBe('ok')
    })

    test('an unknown event is answered, and the channel lives on', async () => {
      const topic = fresh('video')
      const client = await (await open()).enter(topic)
      expect((await client.answer(client.push(topic, 'shout'))).payload).toEqual(refusal('unknown event'))
      expect((await client.answer(client.push('video:9', 'shout'))).payload).toEqual(refusal('unmatched topic'))
      await client.shows(topic, 0, 1)
    })

    test('a leave of a topic that is not joined is ok', async () => {
      expect((await (await open()).leave(fresh('video'))).payload).toEqual({ status: 'ok', response: {} })
    })

    test('silence closes the socket with 1002, and its presence goes', async () => {
      const topic = fresh('video')
      const watcher = await WireClient.open(next())
      await watcher.enter(topic, { observe: true })
      const beats = setInterval(() => watcher.push('phoenix', 'heartbeat'), 300)
      const silent = await (await open()).enter(topic)
      await watcher.shows(topic, 0, 1)
      expect((await silent.closed).code).toBe(1002)
      await watcher.shows(topic, 0, 0)
      clearInterval(beats)
    })
  })

  describe('what is no Phoenix frame', () => {
    test.each([
      ['text that is no JSON', 'hello', 1007, 'expected a JSON frame'],
      ['an object in version 2', '{}', 1008, 'expected [join_ref, ref, topic, event, payload]'],
      ['too few elements', '[null,"1","phoenix","heartbeat"]', 1008, 'got an array of 4'],
      ['a topic that is a number', '[null,"1",5,"heartbeat",{}]', 1008, 'expected topic as a string'],
    ])('%s closes the socket with a reason, and nobody else notices', async (_, text, code, reason) => {
      const topic = fresh('video')
      const other = await (await WireClient.open(next())).enter(topic)
      const bad = await (await WireClient.open(next())).enter(topic)
      await other.shows(topic, 0, 2)
      bad.sendText(text)
      const end = await bad.closed
      expect(end.code).toBe(code)
      expect(end.reason).toContain(reason)
      await other.shows(topic, 0, 1)
      expect(other.faults).toEqual([])
    })

    test('binary in version 1 closes with 1008, a frame that is too large with 1009', async () => {
      const binary = await WireClient.open(next(), { vsn: 1 })
      binary.socket.send(Buffer.from([0, 1, 1]))
      expect((await binary.closed).code).toBe(1008)
      const large = await WireClient.open(next())
      large.sendText(`[null,"1","phoenix","heartbeat","${'x'.repeat(65_536)}"]`)
      expect((await large.closed).code).toBe(1009)
    })
  })

  describe('a request for a socket', () => {
    test.each(['9.0.0', '2.5.0', '2', 'abc'])('of version %s is refused with 403', async (vsn) => {
      expect(await refused({ vsn })).toEqual({ status: 403, code: 'unsupported_vsn' })
    })

    test.each(['1.0.9', '2.0.7', null])('of version %s is taken', async (vsn) => {
      expect((await (await WireClient.open(next(), { vsn })).heartbeat()).payload.status).toBe('ok')
    })

    test('without an upgrade is answered with 400', async () => {
      expect((await fetch(`${next()}/socket/websocket?vsn=2.0.0`)).status).toBe(400)
    })

    test('from a page of another host is refused with 403', async () => {
      expect(await refused({ headers: { origin: 'https://elsewhere.example' } })).toEqual({
        status: 403,
        code: 'origin',
      })
      await WireClient.open(next(), { headers: { origin: 'http://127.0.0.1:5173' } })
    })

    test('with a client id that is too long is refused with 400', async () => {
      expect(await refused({ clientId: 'x'.repeat(65) })).toEqual({ status: 400, code: 'client_id' })
      await WireClient.open(next(), { clientId: 'x'.repeat(64) })
    })

    test('with a bad token makes a viewer', async () => {
      const topic = fresh('video')
      const bad = [tokenFor('another secret', '7'), tokenFor(secret, '7', { exp: 1 }), 'nonsense', 'x'.repeat(9000)]
      for (const [i, token] of bad.entries()) {
        const client = await (await WireClient.open(next(), { token })).enter(topic)
        await client.shows(topic, 0, i + 1)
      }
      await until('the log to say so', () => logged().includes('"reason":"expired"'))
    })
  })
}
