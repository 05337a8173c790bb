import { expect, test } from 'vitest'
import { socketRequestIn } from './head.js'
import { readRequest, viewerOf } from './request.js'

test('of a request nothing is kept beside the client id itself', () => {
  const askedBy = (i: number) => {
    const head = `GET /socket/websocket?client_id=a-client-id-of-some-length-${i}&x=${'y'.repeat(3_000)} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
    const asked = readRequest(socketRequestIn(Buffer.from(head))!.request, () => true)
    if ('status' in asked) throw new Error(asked.message)
    return viewerOf(asked)
  }
  askedBy(0)
  gc!()
  const before = process.memoryUsage().heapUsed
  const kept = Array.from({ length: 5_000 }, (_, i) => askedBy(i))
  gc!()
  expect((process.memoryUsage().heapUsed - before) / kept.length).toBeLessThan(500)
})
