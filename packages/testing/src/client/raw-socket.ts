import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** The TCP connection of an upgraded socket, on which a test writes any bytes. Its errors are ignored. */
export async function rawSocket(url: string): Promise<Socket> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  await once(socket, 'connect')
  const headers = [
    'GET /socket/websocket?vsn=2.0.0 HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]
  socket.write(`${headers.join('\r\n')}\r\n\r\n`)
  await once(socket, 'data')
  socket.resume()
  return socket
}

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** One client frame (RFC 6455, 5.2): masked, with a payload of at most 65,535 bytes. */
export function maskedFrame(code: number, payload: string | Buffer, fin = true): Buffer {
  const bytes = Buffer.from(payload as string)
  const size = bytes.length
  const header = size < 126 ? [0x80 | size] : [0x80 | 126, size >> 8, size & 255]
  const mask = [1, 2, 3, 4]
  const body = bytes.map((byte, i) => byte ^ mask[i % 4]!)
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | code, ...header, ...mask]), body])
}
