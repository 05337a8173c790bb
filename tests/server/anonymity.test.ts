import { once } from 'node:events'
import { request } from 'node:http'
import { personKeys } from '@headcount/core'
import { until, WireClient } from '@headcount/testing'
import { fetchMetrics } from '@headcount/tools/processes/metrics.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterEach, expect, test } from 'vitest'
import { type Running, startHeadcount } from '../support/start-headcount.js'

const secret = 'planted-secret-of-tokens'
const peopleSecret = 'planted-secret-of-people'
const planted = { user: 'planted-user-4711', client: 'planted-client-id', invalid: 'planted.invalid.token' }

let server: Running | undefined
afterEach(() => server?.stop())

test.each(['connections', 'people'] as const)(
  'where %s are counted, no frame, answer or log line holds a user id, a token, a client id or a secret',
  async (unit) => {
    server = await startHeadcount({
      auth: { secret },
      secret: peopleSecret,
      topics: [{ pattern: 'video:*', unit, settle: 200 }],
      authorize: (topic, { userId }) => {
        if (topic === 'video:broken') throw new Error(`no row for ${userId}`)
        return topic !== 'video:closed'
      },
    })
    const { url } = server
    const token = tokenFor(secret, planted.user)
    const expired = tokenFor(secret, planted.user, { exp: 1 })
    const sent: string[] = []
    const record = (client: WireClient): WireClient => {
      client.socket.on('message', (data) => sent.push(String(data)))
      void client.closed.then((closed) => sent.push(JSON.stringify(closed)))
      return client
    }

    const stream = await fetch(`${url}/api/counts/video:1/stream`)
    const watcher = record(await WireClient.open(url))
    await watcher.enter('video:1', { observe: true })
    const clients = [
      record(await WireClient.open(url, { token, clientId: planted.client })),
      record(await WireClient.open(url, { vsn: 1, token, clientId: planted.client })),
      record(await WireClient.open(url, { clientId: planted.client })),
      record(await WireClient.open(url, { token: expired, clientId: planted.client })),
      record(await WireClient.open(url, { token: planted.invalid })),
    ]
    for (const client of clients) await client.enter('video:1')
    const bearer = `base64url.bearer.phx.${Buffer.from(token).toString('base64url')}`
    const clientId = `base64url.client_id.${Buffer.from(planted.client).toString('base64url')}`
    for (const protocols of [['phoenix', bearer, clientId], [bearer]]) sent.push(await upgradeHeaders(url, protocols))
    const [first, second, third] = clients as [WireClient, WireClient, WireClient]
    await first.join('video:closed')
    await first.join('video:broken')
    await first.join(`nope:${'x'.repeat(300)}`)
    await first.reply(first.push('video:1', 'shout', { token }))
    second.sendText(`{"token":"${token}"`)
    await second.closed
    third.sendText(`[${JSON.stringify(planted.client)}]`)
    await third.closed
    for (const params of [{ client_id: planted.client.repeat(9) }, { vsn: planted.user }]) {
      const refused = await WireClient.open(url, { params, vsn: null }).catch((error) => error)
      sent.push(String(refused.body))
    }
    const paths = [
      '/api/counts/video:1',
      '/api/counts?topic=video:1&topic=video:2',
      '/readyz',
      '/healthz',
      '/metrics',
      '/nope',
    ]
    for (const path of [...paths, `/api/counts/nope?token=${token}&client_id=${planted.client}`]) {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })
      sent.push(JSON.stringify([...response.headers]), await response.text())
    }
    sent.push(await fetchMetrics(url))
    first.drop()
    await until('the diff of the leave', () => watcher.diffs('video:1') > 1)
    await server.stop()
    sent.push(await stream.text())
    const everything = `${sent.join('\n')}\n${server.logged()}`
    server = undefined

    expect(everything).toContain('presence_diff')
    expect(everything).toContain('"event":"token_expired"')
    expect(everything).toContain('headcount_joins_total')
    expect(everything).toContain('Sec-WebSocket-Protocol,phoenix')
    const secrets = [
      ...Object.values(planted),
      token,
      expired,
      secret,
      peopleSecret,
      Buffer.from(token).toString('base64url'),
    ]
    for (const text of secrets) expect(everything).not.toContain(text)
    const key = personKeys(peopleSecret)
    for (const topic of ['video:1', 'video:closed']) {
      expect(everything).not.toContain(key(topic, 'user', planted.user))
      expect(everything).not.toContain(key(topic, 'client', planted.client))
    }
    // And no part of a token: its decoded payload names the user.
    expect(everything).not.toContain(token.split('.')[1])
  },
)

/** The raw headers of the response to an upgrade request. */
async function upgradeHeaders(url: string, protocols: string[]): Promise<string> {
  const sent = request(`${url}/socket/websocket?vsn=2.0.0`, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'),
      'sec-websocket-protocol': protocols.join(', '),
    },
  }).end()
  const [response, stream] = await once(sent, 'upgrade')
  stream.destroy()
  return response.rawHeaders.join()
}
