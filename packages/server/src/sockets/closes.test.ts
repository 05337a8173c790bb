import { WireClient } from '@headcount/testing'
import { expect, test } from 'vitest'
import { errorRows } from '../test/error-rows.js'
import type { FakeClient } from '../test/fake-client.js'
import { clientFrame } from '../test/frames.js'
import { type Served, serve } from '../test/serve.js'
import { TestServer, type TestServerOptions } from '../test/test-server.js'
import { type CloseReason, closes } from './closes.js'

const times = (n: number, act: () => unknown) => void Array.from({ length: n }, act)

/** A client of a server on fake time, after a number of seconds with one action each. */
async function after(seconds: number, act: (client: FakeClient) => void, options: TestServerOptions = {}) {
  const server = await TestServer.open(options)
  const client = server.connect({ expiresIn: 500 })
  for (let i = 0; i < seconds; i++) {
    act(client)
    await server.clock.advance(1000)
  }
  return { code: client.closedWith?.code, counted: server.labels.server_closes }
}

/** A client over a real connection, which sends these bytes. */
async function sent(...frames: Buffer[]) {
  const served = await serve()
  const client = await WireClient.open(served.url)
  client.stream.write(Buffer.concat(frames))
  return closed(served, client)
}

async function closed({ metric }: Served, client: WireClient) {
  const { code } = await client.closed
  const reasons = Object.keys(closes)
  const counts = await Promise.all(reasons.map((reason) => metric(`server_closes_total{reason="${reason}"}`)))
  return { code, counted: reasons.filter((_, i) => counts[i] === 1) }
}

const provocations: Record<CloseReason, () => Promise<{ code: number | undefined; counted: unknown }>> = {
  silent: () => after(36, () => {}),
  invalid_frame: () => sent(clientFrame(3)),
  not_utf8: () => sent(clientFrame(1, Buffer.from([0xff]))),
  not_utf8_json: () => sent(clientFrame(1, 'x')),
  not_a_frame: () => sent(clientFrame(1, '{}')),
  unsupported_binary: () => sent(clientFrame(2, Buffer.from([9]))),
  too_many_fragments: () =>
    sent(clientFrame(1, '[', { final: false }), ...Array(256).fill(clientFrame(0, ' ', { final: false }))),
  reads_too_slowly: () =>
    after(61, (client) => {
      client.backlog = 1
      client.socket.received(1)
    }),
  sends_too_much: () => after(10, (client) => times(300, () => client.socket.frame())),
  token_expired: () => after(1, () => {}, { expiredToken: 'close' }),
  too_large: () => sent(clientFrame(1, ' '.repeat(8193))),
  async restart() {
    const served = await serve()
    const client = await WireClient.open(served.url)
    await served.headcount.close()
    return closed(served, client)
  },
}
test.each(errorRows('WebSocket close codes', provocations))(
  '%s closes with %s, and is counted',
  async (reason, code) => {
    const closed = await provocations[reason as CloseReason]()
    expect(closed).toEqual({ code: Number(code), counted: [reason] })
  },
)
