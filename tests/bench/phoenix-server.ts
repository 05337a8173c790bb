import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'

/** A V2 message: join ref, ref, topic, event, payload. */
export type Message = readonly [string | null, string | null, string, string, unknown]

/**
 * A server that is not Headcount, for one test. `answer` returns what to send to the client of a message: text, or
 * JSON.
 * @param cleanup takes what stops it: another function for concurrent tests.
 */
export async function phoenixServer(
  answer: (message: Message) => readonly unknown[],
  cleanup: (stop: () => void) => void = onTestFinished,
) {
  const messages: Message[] = []
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(sockets, 'listening')
  cleanup(() => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  })
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message: Message = JSON.parse(String(data))
      messages.push(message)
      for (const frame of answer(message)) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    })
  })
  return { messages, sockets, url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}` }
}
