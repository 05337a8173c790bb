import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A connection that sends and receives bytes, until the end of the test. */
export class RawClient {
  readonly socket: Socket
  received = ''
  isClosed = false

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', (bytes) => {
      this.received += bytes
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.isClosed = true
    })
    onTestFinished(() => void this.socket.destroy())
  }

  /** Sends a request for each path in one write. */
  get(...paths: string[]): void {
    this.socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''))
  }

  /** The number of responses that have started to arrive. */
  get responses(): number {
    return this.received.split('HTTP/1.1 ').length - 1
  }
}
