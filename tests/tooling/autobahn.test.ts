import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Child } from '@headcount/tools/processes/child.mjs'
import { freePort } from '@headcount/tools/processes/free-port.mjs'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'

const script = fileURLToPath(new URL('../../packages/server/test/echo-server.mjs', import.meta.url))

test('the server for the Autobahn test suite echoes texts and binary messages', async () => {
  const port = await freePort()
  const server = new Child(process.execPath, [script, String(port)])
  onTestFinished(() => void server.kill())
  const connect = async (): Promise<WebSocket | undefined> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`)
    return once(socket, 'open').then(
      () => socket,
      () => undefined,
    )
  }
  const socket = await server.until('it accepted a connection', connect)
  for (const data of ['é', Buffer.of(0, 255), 'x'.repeat(70_000)]) {
    socket.send(data)
    expect(await once(socket, 'message')).toEqual([Buffer.from(data as string), typeof data !== 'string'])
  }
})
