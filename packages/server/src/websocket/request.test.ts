import type { IncomingMessage } from 'node:http'
import { noMetrics, silentLogger } from '@headcount/core'
import { isSocketPath } from '@headcount/protocol'
import { expect, test } from 'vitest'
import { createAuth } from '../auth/index.js'
import { readRequest, viewerOf } from './request.js'

const rules = { auth: createAuth(), allowsOrigin: () => true, metrics: noMetrics, logger: silentLogger }

test('an identity keeps nothing of its request but the client id', () => {
  const identityOf = (i: number) => {
    const url = `/socket/websocket?client_id=a-client-id-of-some-length-${i}&x=${'y'.repeat(3_000)}`
    const request = readRequest({ url: Buffer.from(url).toString(), headers: {} } as IncomingMessage, rules)
    if ('status' in request) throw new Error(request.message)
    return viewerOf(request)
  }
  identityOf(0)
  gc!()
  const before = process.memoryUsage().heapUsed
  const kept = Array.from({ length: 5_000 }, (_, i) => identityOf(i))
  gc!()
  expect((process.memoryUsage().heapUsed - before) / kept.length).toBeLessThan(500)
})

test.each([
  ['/socket/websocket', true],
  ['/socket/websocket?vsn=2.0.0', true],
  ['/socket/websocket/', true],
  ['//socket///websocket//?vsn=2.0.0', true],
  ['/socket/websockets', false],
  ['/socket/websocket/other', false],
  ['/socketwebsocket', false],
  ['/?/socket/websocket', false],
  [undefined, false],
])('%s is the socket path: %s', (url, expected) => {
  expect(isSocketPath(url)).toBe(expected)
})
