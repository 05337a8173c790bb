import { maskedFrame, opcode, rawSocket, startHeadcount, until } from '@headcount/testing'
import { expect, test } from 'vitest'

test('who sends few frames but large ones is read no faster: they take as long as many', async () => {
  const server = await startHeadcount({ limits: { messagesPerSecond: 100 } })
  const socket = await rawSocket(server.url)
  let answered = 0
  socket.on('data', (bytes) => {
    answered += String(bytes).split('"phx_reply"').length - 1
  })
  const large = maskedFrame(opcode.text, JSON.stringify([null, '1', 'a', 'push', 'x'.repeat(60_000)]))
  const begun = performance.now()
  socket.write(Buffer.concat(Array.from({ length: 10 }, () => large)))
  await until('all to be answered', () => answered === 10)
  expect(performance.now() - begun).toBeGreaterThan(1_500)
  socket.destroy()
  await server.stop()
})
