import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { decode } from '@headcount/protocol'
import { FakeClock, startHeadcount, until } from '@headcount/testing'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import type { CrowdOptions } from './crowd.js'
import { crowdOn, untilEqual } from './test-crowd.js'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

function come(port: number, options: Partial<CrowdOptions>) {
  const watched = crowdOn(port, options)
  undo.push(() => watched.crowd.stop())
  watched.crowd.start()
  return watched
}

/** A server that is not ours: hears every frame and answers what the test says. */
async function stranger(answer: (frame: string) => readonly string[]) {
  const heard: string[] = []
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(sockets, 'listening')
  undo.push(() => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  })
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      heard.push(String(data))
      for (const text of answer(String(data))) socket.send(text)
    })
  })
  return { heard, sockets, port: (sockets.address() as AddressInfo).port }
}

test('beats within half a minute, and gives up a socket whose beat is not answered', async () => {
  let answers = true
  let beats = 0
  const { heard, port } = await stranger((text) => {
    const { joinRef, ref, topic, event } = decode(2, text)
    if (event === 'heartbeat') beats++
    const reply = [joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }]
    // Told after the reply, so whoever knows this has had that.
    const state = [joinRef, null, 'video:42', 'presence_state', { beats: { count: beats } }]
    return answers ? [JSON.stringify(reply), JSON.stringify(state)] : []
  })
  const clock = new FakeClock()
  const { progress } = come(port, { viewers: 1, clock })
  for (const expected of [0, 1, 2, 3]) {
    if (expected > 0) await clock.advance(30_000)
    await untilEqual({ beats: { count: expected } }, async () => {
      await clock.advance(50)
      return progress()?.counts
    })
  }
  expect(decode(2, heard[0]!)).toMatchObject({ topic: 'video:42', event: 'phx_join' })
  expect(decode(2, heard[3]!)).toMatchObject({ joinRef: null, topic: 'phoenix', event: 'heartbeat' })
  expect(heard.length).toBe(4)
  expect(progress()?.failures).toBe(0)
  answers = false
  await until('a failure', async () => {
    await clock.advance(1000)
    return progress()?.failures === 1
  })
  expect(progress()?.reason).toBe('no answer to a heartbeat')
})

test('adds and subtracts where the server is a Phoenix, whose diffs hold no whole counts', async () => {
  const { port } = await stranger((text) => {
    const { joinRef, ref, topic } = decode(2, text)
    const [none, one, five] = [0, 1, 5].map((count) => ({ viewers: { count } }))
    return [
      [joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }],
      [joinRef, null, topic, 'presence_state', five],
      [null, null, topic, 'presence_diff', { joins: none, leaves: one }],
    ].map((frame) => JSON.stringify(frame))
  })
  const { progress } = come(port, { viewers: 1 })
  await untilEqual({ viewers: { count: 4 } }, () => progress()?.counts)
})

test('a channel that the server closes is joined again', async () => {
  let joins = 0
  const { port } = await stranger((text) => {
    const { joinRef, ref, topic } = decode(2, text)
    const reply = [joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }]
    const gone = [joinRef, joinRef, topic, 'phx_error', {}]
    return (++joins === 1 ? [reply, gone] : [reply]).map((frame) => JSON.stringify(frame))
  })
  const { crowd, progress } = come(port, { viewers: 1 })
  await untilEqual([1, 2], () => [crowd.here.viewers, progress()?.joins])
  expect(progress()?.reason).toBe('phx_error')
})

test('a join that is refused is tried again more and more seldom, and says why', async () => {
  const { server, port, stop } = await startHeadcount({ topics: ['room:*'] })
  undo.push(stop)
  let opened = 0
  server.on('upgrade', () => opened++)
  const clock = new FakeClock()
  const { progress } = come(port, { viewers: 1, clock })
  await until('six failures', async () => {
    await clock.advance(250)
    return (progress()?.failures ?? 0) >= 6
  })
  expect(progress()?.reason).toBe('join refused: unmatched topic')
  const before = opened
  await clock.advance(2_000)
  expect(opened - before).toBeLessThanOrEqual(1)
})

test('a server that does not answer is given up after ten seconds', async () => {
  const { port } = await stranger(() => [])
  const clock = new FakeClock()
  const { progress } = come(port, { viewers: 1, clock })
  await clock.advance(9_500)
  expect(progress()?.failures).toBe(0)
  await clock.advance(1_000)
  expect(progress()).toMatchObject({ failures: 1, reason: 'no answer in time' })
})

test('a server that speaks something else is a failure, not a crash', async () => {
  const { port } = await stranger(() => ['hello'])
  const { progress } = come(port, { viewers: 3 })
  await until('three failures', () => (progress()?.failures ?? 0) >= 3)
  expect(progress()?.reason).toBe('expected a JSON frame, got text that is no JSON')
  expect(progress()?.here).toEqual({ viewers: 0, users: 0 })
})

test('a token that cannot be signed is a failure, not a crash', async () => {
  const { port, sockets } = await stranger(() => [])
  let opened = 0
  sockets.on('connection', () => opened++)
  const signToken = async () => {
    throw new Error('no key')
  }
  const { progress } = come(port, { users: 1, signToken })
  await untilEqual('no key', () => progress()?.reason)
  expect(opened).toBe(0)
})

test('the token goes where the stock client puts it, and not into the URL', async () => {
  const { port, sockets } = await stranger(() => [])
  const request = once(sockets, 'connection').then(([, request]) => request)
  come(port, { users: 1, signToken: () => 'abc.def-_1' })
  const { url, headers } = await request
  expect(url).toBe('/socket/websocket?vsn=2.0.0')
  const bearer = Buffer.from('abc.def-_1').toString('base64url')
  expect(headers['sec-websocket-protocol']).toBe(`phoenix,base64url.bearer.phx.${bearer}`)
})
