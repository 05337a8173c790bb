import { type HeadcountServer, startServer } from '@headcount/tools/processes/server.mjs'
import { afterAll, expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'

const cleanup = cleanups(afterAll)

async function start(...args: string[]): Promise<HeadcountServer> {
  const server = await startServer(args)
  cleanup(() => server.kill())
  return server
}

interface Answer {
  readonly status: number
  readonly token: string
}

const poll = async ({ url }: HeadcountServer, params = ''): Promise<Answer> => {
  // A separate connection, so that workers share them.
  const response = await fetch(`${url}/socket/longpoll?vsn=2.0.0${params}`, { headers: { connection: 'close' } })
  return (await response.json()) as Answer
}

/** Opens sessions that poll a server. Resolves when the polls are pending, with the status of each answer. */
async function pollers(size: number, server: HeadcountServer, other = server) {
  const sessions = await Promise.all(Array.from({ length: size }, () => poll(server)))
  const statuses = sessions.map(({ token }) => poll(other, `&token=${token}`).then(({ status }) => status, String))
  // Later requests are answered after the polls have been read.
  for (let i = 0; i < 20; i++) await fetch(`${other.url}/healthz`, { headers: { connection: 'close' } })
  return { statuses: Promise.all(statuses) }
}

test.concurrent.each([
  ['of one process', []],
  ['of two workers, whichever of them has the session', ['--workers', '2', '--drain-over', '0']],
  ['that closes its sockets in three seconds', ['--drain-over', '6000']],
])('a drain answers open polls with 410: %s', async (_of, args) => {
  const server = await start(...args)
  const { statuses } = await pollers(30, server)
  await server.stop()
  expect(await statuses).toEqual(Array(30).fill(410))
})

describeWith('redis', 'over Redis', () => {
  const redis = withRedis()

  test.concurrent.each(['has the session', 'was asked'])(
    'a drain of the replica that %s answers open polls',
    async (which) => {
      const [one, other] = [await start('--redis', redis().url), await start('--redis', redis().url)]
      const { statuses } = await pollers(4, one, other)
      const begin = performance.now()
      await (which === 'was asked' ? other : one).stop()
      expect(await statuses).toEqual(Array(4).fill(410))
      expect(performance.now() - begin).toBeLessThan(4_000)
    },
  )
})
