import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { post } from './post.js'

/** POSTs to a receiver that answers with these bytes and ends the connection, or never does. */
async function postTo(answer: string | undefined, timeout?: number) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => answer !== undefined && socket.end(answer))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`)
  return post({
    url,
    allowPrivate: true,
    headers: {},
    body: '{}',
    signal: new AbortController().signal,
    ...(timeout && { timeout }),
  })
}

test('the head of an answer is enough, also after an informational one (1xx)', async () => {
  const answer = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\n'
  expect(await postTo(answer)).toEqual({ status: 503, retryAfter: 7_000 })
})

test.each([
  ['changes the protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'],
  ['sends only an informational answer', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ['answers nothing', ''],
  ['ends within the head', 'HTTP/1.1 200 OK\r\nX-Long: '],
  ['has a head without end', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}`],
  ['speaks no HTTP', 'SSH-2.0-x\r\n\r\n'],
])('an attempt at a receiver that %s fails', async (_title, answer) => {
  await expect(postTo(answer)).rejects.toThrow()
})

test.each(['100 Continue', '103 Early Hints'])(
  'an attempt at a receiver that repeats %s fails at once',
  async (status) => {
    const answer = `HTTP/1.1 ${status}\r\n\r\n`.repeat(11)
    await expect(postTo(`${answer}HTTP/1.1 200 OK\r\n\r\n`)).rejects.toThrow('more than 10 informational answers')
  },
)

test('an attempt at a receiver that hangs fails in time, also where garbage is collected meanwhile', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const attempt = postTo(undefined, 300)
  const collecting = pause(100).then(collectGarbage)
  await expect(attempt).rejects.toThrow('no answer within 0.3 s')
  await collecting
})
