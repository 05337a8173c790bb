import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { CountsStream, Sink } from './stream.js'

/**
 * The body of a response with a stream. It starts when it is read or sent; each waiting read receives the newest
 * counts.
 */
export class StreamBody extends ReadableStream<Uint8Array> {
  readonly #stream: CountsStream

  constructor(stream: CountsStream) {
    let isStarted = false
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      if (isStarted) stream.resume()
      else stream.start(toController(controller))
      isStarted = true
    }
    super({ pull, cancel: () => stream.stop() }, { highWaterMark: 0 })
    this.#stream = stream
  }

  /**
   * Sends it to a client of Node directly: a web stream, with a promise for each read and write, would double the cost
   * of a change.
   * @param outgoing its head has been written.
   */
  sendTo(outgoing: ServerResponse | Http2ServerResponse): void {
    const stream = this.#stream
    const stop = (): void => stream.stop()
    if (outgoing.destroyed || ('stream' in outgoing && outgoing.stream.destroyed)) return
    outgoing.on('drain', () => stream.resume())
    outgoing.on('close', stop)
    outgoing.on('error', stop)
    stream.start(outgoing as Sink)
  }
}

function toController(controller: ReadableStreamDefaultController<Uint8Array>): Sink {
  return {
    write(bytes) {
      controller.enqueue(bytes)
      return false
    },
    end: () => controller.close(),
  }
}
