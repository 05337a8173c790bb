import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { UpgradeRefused } from './upgrade-refused.js'
import { WireClient } from './wire-client.js'

test('the start of a body without end is kept', async () => {
  const server = createServer().on('upgrade', (_request, socket) => {
    const send = (): void => {
      while (socket.write('x'.repeat(65_536))) {}
    }
    socket.on('error', () => {}).on('drain', send)
    socket.write('HTTP/1.1 404 Not Found\r\n\r\n')
    send()
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const opening = WireClient.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const refused = await opening.catch((error: UpgradeRefused) => error)
  expect(refused).toMatchObject({ status: 404, body: 'x'.repeat(4_096) })
})
