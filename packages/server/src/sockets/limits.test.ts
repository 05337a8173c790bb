import { expect, test } from 'vitest'
import { errorRows } from '../test/error-rows.js'
import type { FakeClient } from '../test/fake-client.js'
import { TestServer, type TestServerOptions } from '../test/test-server.js'
import type { Activity } from './activity.js'
import type { PresenceLimit } from './presence-limits.js'

const fast = { messagesPerSecond: 5, bytesPerSecond: 100, joinsPerSecond: 2, tokensPerSecond: 2 }
const twice = (client: FakeClient) => ['a', 'b'].map((topic) => client.join(topic))
const again = (client: FakeClient, other: FakeClient) => [client.join('a'), other.join('a')]

const provocations: Record<
  NonNullable<Activity['reached']> | PresenceLimit,
  [TestServerOptions['limits'], (client: FakeClient, other: FakeClient) => unknown]
> = {
  messagesPerSecond: [fast, (client) => Array.from({ length: 5 }, () => client.socket.frame())],
  bytesPerSecond: [fast, (client) => client.socket.received(100)],
  joinsPerSecond: [{ ...fast, bytesPerSecond: 1e6 }, twice],
  tokensPerSecond: [
    { ...fast, bytesPerSecond: 1e6 },
    (client) => [1, 2].map(() => client.push('phoenix', 'token', { token: 'x' })),
  ],
  presencesPerUser: [{ presencesPerUser: 1 }, again],
  presencesPerAddress: [{ presencesPerAddress: 1 }, again],
}
test.each(errorRows('Limits without an error', provocations))('%s is counted', async (limit) => {
  const [limits, act] = provocations[limit as PresenceLimit]
  const server = await TestServer.open({ limits: limits! })
  const [client, other] = [server.connect({ userId: '7' }, 2, '::'), server.connect({ userId: '7' }, 2, '::')]
  act(client, other)
  await server.clock.advance(2000)
  expect(server.labels.limited).toEqual([limit])
  expect(client.closedWith).toBeUndefined()
})
