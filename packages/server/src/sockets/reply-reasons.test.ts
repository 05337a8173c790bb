import { expect, test } from 'vitest'
import { errorRows } from '../test/error-rows.js'
import type { FakeClient } from '../test/fake-client.js'
import { TestServer, type TestServerOptions } from '../test/test-server.js'
import type { ReplyReason } from './reply-reasons.js'

const join = (client: FakeClient, payload = {}) => void client.join('a', payload)
const push = (topic: string, event: string, payload = {}) => [
  (client: FakeClient) => void client.join('a'),
  (client: FakeClient) => void client.push(topic, event, payload),
]
const token = push('phoenix', 'token', { token: 'x' })
type Acts = ((client: FakeClient, server: TestServer) => void)[]

const provocations: Record<ReplyReason, readonly [TestServerOptions, Acts][]> = {
  'unmatched topic': [
    [{ topics: ['b'] }, [(client) => join(client)]],
    [{}, push('b', 'observe', { observe: true })],
    [{}, push('b'.repeat(256), 'phx_join')],
  ],
  unauthorized: [
    [{ authorize: () => false }, [(client) => join(client)]],
    [
      {
        authorize: (_, { userId }) => userId === null,
        authenticate: async () => ({ kind: 'session', session: { userId: '7', clientId: null } }),
      },
      token,
    ],
  ],
  'too many channels joined': [[{ limits: { topicsPerSocket: 1 } }, push('b', 'phx_join')]],
  overloaded: [
    [{ limits: { channels: 1 } }, push('b', 'phx_join')],
    [
      {},
      [
        (client, server) => {
          server.memory = 1
          join(client)
        },
      ],
    ],
  ],
  'invalid token': [[{}, token]],
  'token cannot be checked': [[{ authenticate: async () => ({ kind: 'unchecked' }) }, token]],
  'invalid payload': [
    [{}, [(client) => join(client, { observe: 1 })]],
    [{}, push('a', 'observe')],
    [{}, push('phoenix', 'token', { token: 7 })],
  ],
  'unknown event': [[{}, push('a', 'shout')]],
}
test.each(errorRows('Replies with an error', provocations))('%s is counted in each case', async (reason) => {
  for (const [options, acts] of provocations[reason as ReplyReason]) {
    const server = await TestServer.open(options)
    const client = server.connect()
    for (const act of acts) {
      act(client, server)
      await server.clock.advance(100)
    }
    const replies = client.events('phx_reply').map(({ payload }) => JSON.stringify(payload))
    const isRefused = replies.some((reply) => reply.includes(`{"reason":"${reason}`))
    // A channel that its socket's new session may not have.
    expect(isRefused || client.events('phx_error').length === 1).toBe(true)
    expect(server.labels.refused).toEqual([reason])
  }
})
