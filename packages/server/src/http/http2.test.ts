import { once } from 'node:events'
import * as http2 from 'node:http2'
import { pause, until } from '@headcount/testing'
import { expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import type { Headcount } from '../application-interface.js'
import { listen, serve } from '../test/serve.js'
import { asymmetricToken } from '../test/tokens.js'

type Handle = Headcount['operator']['handle']

/** Serves a handler over HTTP/2. Returns a function that requests a path, as a page of an origin at a host. */
async function overHttp2(handle: Handle, host: string) {
  const server = http2.createServer((request, response) => handle(request, response))
  const session = http2.connect(await listen(server))
  onTestFinished(() => session.destroy())
  return (path: string, others: http2.OutgoingHttpHeaders = {}) =>
    new Promise<{ status: number; allows: unknown; text: string }>((resolve) => {
      const request = session.request({ ':path': path, ':authority': host, ...others })
      request.on('response', async (headers) => {
        const allows = headers['access-control-allow-origin']
        const text = headers['content-type'] === 'text/event-stream; charset=utf-8' ? '' : await textOf(request)
        request.close()
        resolve({ status: headers[':status']!, allows, text })
      })
    })
}

async function textOf(stream: http2.ClientHttp2Stream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}

test.each([
  ['https://counts.example:5173', 200, '"status":410'],
  ['https://other.example', 403, '"status":403'],
])(
  'over HTTP/2, which has no header Host, a page of %s at counts.example is answered %i',
  async (origin, status, poll) => {
    const { headcount } = await serve()
    const get = await overHttp2(headcount.handle, 'counts.example')
    const allows = status === 200 ? origin : undefined
    expect(await get('/api/counts/stream?topic=a&count=true', { origin })).toMatchObject({ status, allows })
    expect(await get('/api/counts?topic=a', { origin })).toMatchObject({ status: 200, allows })
    expect(await get('/socket/longpoll?vsn=2.0.0', { origin })).toMatchObject({
      allows,
      text: expect.stringContaining(poll),
    })
  },
)

test('over HTTP/2, hundreds of requests at once are answered in several turns of the event loop', async () => {
  const { headcount } = await serve()
  let inTurn = 0
  let most = 0
  const server = http2.createServer((request, response) =>
    headcount.handle(request, response, () => {
      if (inTurn === 0) setImmediate(() => (inTurn = 0))
      most = Math.max(most, ++inTurn)
      response.end()
    }),
  )
  const session = http2.connect(await listen(server))
  onTestFinished(() => session.destroy())
  const answers = Array.from({ length: 500 }, () => once(session.request({ ':path': '/mine' }).resume(), 'close'))
  await Promise.all(answers)
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(64)
})

test('over HTTP/2, the request of another connection does not wait for hundreds of one', async () => {
  const { headcount } = await serve()
  const handled: string[] = []
  const server = http2.createServer((request, response) =>
    headcount.handle(request, response, () => {
      handled.push(request.url)
      response.end()
    }),
  )
  const url = await listen(server)
  const sessions = [http2.connect(url), http2.connect(url)] as const
  for (const session of sessions) onTestFinished(() => session.destroy())
  await Promise.all(sessions.map((session) => once(session, 'connect')))
  for (let i = 0; i < 1_000; i++) sessions[0].request({ ':path': '/many' }).resume()
  await once(sessions[1].request({ ':path': '/one' }).resume(), 'close')
  expect(handled.indexOf('/one')).toBeLessThan(500)
})

test('over HTTP/2, a reader that reads nothing is closed after the stall timeout, and a quiet one is not', async () => {
  const { headcount, metric } = await serve({ http: { stallTimeout: 200 } })
  const server = http2.createServer((request, response) => headcount.handle(request, response))
  const url = await listen(server)
  const open = async (settings: http2.Settings) => {
    const session = http2.connect(url, { settings })
    onTestFinished(() => session.destroy())
    const stream = session.request({ ':path': '/api/counts/a/stream?count=true' })
    const closed = once(
      stream.on('error', () => {}),
      'close',
    )
    await once(stream, 'response')
    return { stream: stream.resume(), closed }
  }
  const quiet = await open({})
  const stalled = await open({ initialWindowSize: 0 })
  const counted = async () => (await headcount.counts('a')).viewers.count
  await until('both to be counted', async () => (await counted()) === 2)
  await stalled.closed
  await until('one to be counted', async () => (await counted()) === 1)
  expect(await metric('http_refused_total{code="stalled"}')).toBe(1)
  expect(quiet.stream.closed).toBe(false)
})

test('over HTTP/2, a reader that was quiet for several stall timeouts and then reads nothing is closed', async () => {
  const { headcount, metric } = await serve({ http: { stallTimeout: 100 }, flush: { minimum: 1 } })
  const server = http2.createServer((request, response) => headcount.handle(request, response))
  const session = http2.connect(await listen(server), { settings: { initialWindowSize: 1_000 } })
  onTestFinished(() => session.destroy())
  const topic = 'a'.repeat(250)
  const stream = session.request({ ':path': `/api/counts/stream?topic=${topic}` }).on('error', () => {})
  await once(stream, 'data')
  stream.pause()
  await pause(350)
  // Its client takes in 16 KiB before it stops; since Node 22, 64 KiB.
  for (let change = 0; change < 400; change++) {
    headcount.track(topic, String(change))
    await pause(3)
  }
  await until('the end of the stream', async () => (await metric('http_refused_total{code="stalled"}')) === 1)
})

test('over HTTP/2, a poll that closes its connection over HTTP/1 causes no warning', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => void warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const { headcount } = await serve()
  const get = await overHttp2(headcount.handle, 'localhost')
  await headcount.close()
  expect(await get('/socket/longpoll?vsn=2.0.0')).toMatchObject({ status: 503 })
  expect(warnings).toEqual([])
})

test.each([
  ['a read', '/api/counts/a', undefined],
  ['a stream', '/api/counts/a/stream?count=true', undefined],
  [
    'a new session of long polls',
    `/socket/longpoll?vsn=2.0.0&token=${asymmetricToken}`,
    'refused_upgrades_total{code="unchecked_token"}',
  ],
  ['a waiting poll', '/socket/longpoll?vsn=2.0.0', 'long_polls_total{status="204"}'],
])(
  'over HTTP/2, %s is not answered if the application has done so, as after its time limit',
  async (name, path, counter) => {
    const failures: unknown[] = []
    const onFailure = (reason: unknown) => void failures.push(reason)
    process.on('unhandledRejection', onFailure)
    onTestFinished(() => void process.off('unhandledRejection', onFailure))
    const printed = vi.spyOn(console, 'error').mockReturnValue()
    onTestFinished(() => printed.mockRestore())
    const answers: (() => void)[] = []
    const authorize = () => new Promise<boolean>((resolve) => answers.push(() => resolve(true)))
    const jwksUrl = await listen((_request, response) => void answers.push(() => response.end('no keys')))
    const { headcount, get, metric } = await serve({ authorize, auth: { jwksUrl }, limits: { pollWindow: 100 } })
    await until('the fetch of the keys', () => answers.length === 1)
    const token = name === 'a waiting poll' ? `&token=${(await (await get(path)).json()).token}` : ''
    let response: http2.Http2ServerResponse | undefined
    const server = http2.createServer((incoming, outgoing) => {
      headcount.handle(incoming, outgoing)
      response = outgoing
    })
    // The client takes in no byte, so no response ends.
    const session = http2.connect(await listen(server), { settings: { initialWindowSize: 0 } })
    onTestFinished(() => session.destroy())
    const answered = once(
      session.request({ ':path': path + token }).on('error', () => {}),
      'response',
    )
    await until(
      'the request to wait',
      () => response !== undefined && answers.length === (counter === undefined ? 2 : 1),
    )
    await get('/healthz')
    response!.writeHead(503).end('too late')
    for (const answer of answers) answer()
    expect((await answered)[0][':status']).toBe(503)
    if (counter !== undefined) await until('its result', async () => (await metric(counter)) === 1)
    await get('/healthz')
    expect([failures, printed.mock.calls, await metric('streams')]).toEqual([[], [], 0])
  },
)

test('over HTTP/2, a request that the application answers before its turn is not handled', async () => {
  const { headcount, metric } = await serve()
  let isOver = false
  const server = http2.createServer((request, response) => {
    headcount.handle(request, response)
    response.end('the time limit of the application')
    setImmediate(() => (isOver = true))
  })
  // The client takes in no byte, so the response does not end.
  const session = http2.connect(await listen(server), { settings: { initialWindowSize: 0 } })
  onTestFinished(() => session.destroy())
  session.request({ ':path': '/socket/longpoll?vsn=2.0.0' }).on('error', () => {})
  await until('the answer of the application', () => isOver)
  await headcount.counts('a')
  expect(await metric('long_polls_total{status="410"}')).toBeNaN()
})

test.each(['its stream', 'its connection'])(
  'over HTTP/2, a poller that resets %s counts for the margin',
  async (lost) => {
    const { headcount, get, metric } = await serve({ limits: { pollWindow: 60_000, pollMargin: 100 } })
    const path = '/socket/longpoll?vsn=2.0.0'
    const { token } = await (await get(path)).json()
    const server = http2.createServer((request, response) => headcount.handle(request, response))
    const session = http2.connect(await listen(server))
    onTestFinished(() => session.destroy())
    const poll = session.request({ ':path': `${path}&token=${token}` }).on('error', () => {})
    // The server has the request before the ping.
    await new Promise((resolve) => session.ping(resolve))
    await get('/healthz')
    if (lost === 'its stream') poll.close(http2.constants.NGHTTP2_CANCEL)
    else session.destroy()
    await until('the end of the session', async () => (await metric('sockets')) === 0)
  },
)

test('over HTTP/2, a connection is closed after its response in a drain', async () => {
  const { headcount } = await serve()
  const server = http2.createServer((request, response) => headcount.handle(request, response))
  const session = http2.connect(await listen(server))
  onTestFinished(() => session.destroy())
  const closed = once(session, 'close')
  await headcount.close()
  const [headers] = await once(session.request({ ':path': '/readyz' }).resume(), 'response')
  expect(headers[':status']).toBe(503)
  await closed
})

test('over HTTP/2, a connection is closed after a poll that waited when the drain began', async () => {
  const { headcount, get, metric } = await serve()
  const path = '/socket/longpoll?vsn=2.0.0'
  const { token } = await (await get(path)).json()
  const session = http2.connect(await listen(http2.createServer(headcount.handle)))
  onTestFinished(() => session.destroy())
  const closed = once(session, 'close')
  const answered = once(session.request({ ':path': `${path}&token=${token}` }).resume(), 'response')
  await until('the poll', async () => (await metric('long_polls_total{status="410"}')) === 1)
  await get('/healthz')
  await headcount.close()
  await answered
  await closed
})

test('over HTTP/2, a page of a public name cannot read the operator port', async () => {
  const { headcount } = await serve()
  const { handle } = headcount.operator
  expect(await (await overHttp2(handle, 'rebound.example.com'))('/api/topics')).toMatchObject({ status: 421 })
  expect(await (await overHttp2(handle, 'localhost'))('/api/topics')).toMatchObject({ status: 200 })
})

test('a server of HTTP/2 may be attached, for the WebSockets of HTTP/1', () => {
  expectTypeOf<http2.Http2SecureServer>().toExtend<Parameters<Headcount['attach']>[0]>()
})
