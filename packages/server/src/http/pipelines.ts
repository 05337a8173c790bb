import { AsyncResource } from 'node:async_hooks'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { WorkQueue } from '../work-queue.js'
import { ignoreRequests } from './node-parser.js'

/** Maximum number of waiting requests of a connection, and size of their heads if there are several. */
const [maxWaiting, maxHeads] = [16, 12_000]
/** The size of a name or a value of a header, in addition to its characters. */
const headerSize = 16
/** The size of a head that is not accepted while memory is short: more than those of our clients. */
const largeHead = 8_000
/** Maximum number of requests of an HTTP/2 connection that are answered before those of others. */
const maxTogether = 16
/** The stall timeout, in ms, of a connection that exceeded these limits. */
const fullTimeout = 5_000

/**
 * Why a connection is closed: `stalled` reads nothing for too long, `pipelined` sends too many requests at once,
 * `chunked` a body in too many chunks, `overloaded` a large head while memory is short.
 */
export type CutOff = 'stalled' | 'pipelined' | 'chunked' | 'overloaded'

/** A request in turn. */
interface Waiting {
  readonly response: ServerResponse
  /** The size of its head. */
  readonly head: number
  /** How long, in ms, its client may read nothing; 0 for no limit. */
  readonly stallTimeout: number
  /** The asynchronous context of the request. */
  readonly context: AsyncResource
  answer(): void
}

interface Pipeline {
  /** The response that is being sent. */
  current: ServerResponse | undefined
  /** Whether a request is being answered, or is going to be. */
  isBusy: boolean
  readonly waiting: Waiting[]
  isFull: boolean
}

/**
 * Answers the requests of each HTTP/1 connection one by one. Node emits all requests of a pipeline at once, so without
 * this a connection could start thousands of them. Node keeps their responses in memory, even after the connection
 * closes: only the current response is notified.
 *
 * A connection with too many requests is not read further, and closes after the earlier responses. One that reads no
 * byte of a response for too long is closed.
 *
 * Of each HTTP/2 connection some requests are answered at a time, before those of others.
 */
export class Pipelines {
  readonly #pipelines = new WeakMap<Socket, Pipeline>()
  /** The requests of each HTTP/2 connection that wait for their turn. */
  readonly #streams = new WeakMap<ServerHttp2Session, (() => void)[]>()

  constructor(
    private readonly work: WorkQueue,
    private readonly onCutOff: (why: CutOff) => void,
    private readonly refusesForMemory: () => boolean,
  ) {}

  /**
   * Calls `answer` once it is the turn of the request, in its asynchronous context; never if its connection closes
   * before, or if the application answers it, as after a time limit of its own.
   * @param stallTimeout how long, in ms, the client may read nothing of the response; 0 for no limit.
   */
  take(request: IncomingMessage, response: ServerResponse, stallTimeout: number, answer: () => void): void {
    if (request.httpVersionMajor > 1) {
      const { stream } = response as unknown as Http2ServerResponse
      if (stallTimeout > 0) this.#limitStream(stream, stallTimeout)
      const context = new AsyncResource('HeadcountRequest')
      this.#takeStream(stream, () => {
        if (!stream.destroyed && !response.writableEnded) context.runInAsyncScope(answer)
      })
      return
    }
    const { socket } = request
    const pipeline = this.#pipelines.get(socket) ?? {
      ...{ current: undefined, isBusy: false, waiting: [], isFull: false },
    }
    this.#pipelines.set(socket, pipeline)
    // An application may pass a request on to several handlers.
    if (pipeline.current === response) {
      answer()
      return
    }
    if (pipeline.isFull) return
    const head = sizeOf(request)
    // Requests that wait for their turn use memory, and thousands of connections may send such heads. Those of the
    // application, which have no stall timeout, are its own.
    if (stallTimeout > 0 && head > largeHead && this.refusesForMemory()) {
      this.onCutOff('overloaded')
      ignoreRequests(socket)
      socket.destroy()
      return
    }
    const { waiting, isBusy } = pipeline
    waiting.push({ response, head, stallTimeout, context: new AsyncResource('HeadcountRequest'), answer })
    if (!isBusy) this.#schedule(pipeline, socket)
    const heads = waiting.reduce((sum, each) => sum + each.head, 0)
    if (waiting.length === maxWaiting || (isBusy && heads > maxHeads)) this.#fill(pipeline, socket)
  }

  /** HTTP/2 has no pipelines, but a connection may have thousands of requests at once: others do not wait for all. */
  #takeStream({ session }: ServerHttp2Stream, answer: () => void): void {
    if (session === undefined) return
    const waiting = this.#streams.get(session as ServerHttp2Session) ?? []
    this.#streams.set(session as ServerHttp2Session, waiting)
    waiting.push(answer)
    if (waiting.length === 1) this.work.add(() => this.#answerStreams(waiting))
  }

  #answerStreams(waiting: (() => void)[]): void {
    let done = 0
    try {
      while (done < Math.min(waiting.length, maxTogether)) waiting[done++]!()
    } finally {
      waiting.splice(0, done)
      if (waiting.length > 0) this.work.add(() => this.#answerStreams(waiting))
    }
  }

  /** Answers the next request in a later turn, so that others have theirs. */
  #schedule(pipeline: Pipeline, socket: Socket): void {
    pipeline.isBusy = true
    this.work.add(() => this.#next(pipeline, socket))
  }

  #next(pipeline: Pipeline, socket: Socket): void {
    // The mock socket of a framework's tests has neither this property nor `setTimeout`.
    if (socket.writable === false) pipeline.waiting.length = 0
    const next = pipeline.waiting.shift()
    pipeline.current = next?.response
    pipeline.isBusy = next !== undefined
    if (next === undefined) return
    const { response, stallTimeout, context, answer } = next
    if (response.destroyed) {
      this.#schedule(pipeline, socket)
      return
    }
    // Node reads on while a request with a body is answered.
    response.once('close', () => this.#schedule(pipeline, socket))
    if (pipeline.isFull) response.setTimeout(fullTimeout, () => socket.destroy())
    else if (stallTimeout > 0) this.#limitResponse(response, socket, stallTimeout)
    if (!response.writableEnded) context.runInAsyncScope(answer)
  }

  #fill(pipeline: Pipeline, socket: Socket): void {
    pipeline.isFull = true
    // The rest of the chunk may contain thousands more: Node would create and keep a response for each.
    ignoreRequests(socket)
    this.onCutOff('pipelined')
    // Node resumes reading after each response.
    socket.on('resume', () => socket.pause())
    socket.pause()
    // Node closes the connection after this response.
    pipeline.waiting.at(-1)!.response.shouldKeepAlive = false
    pipeline.current?.setTimeout(fullTimeout, () => socket.destroy())
  }

  /** Closes the stream of a response in HTTP/2 whose client reads nothing for too long. */
  #limitStream(stream: ServerHttp2Stream, stallTimeout: number): void {
    stream.setTimeout(stallTimeout)
    // A callback of `setTimeout` would be called once.
    stream.on('timeout', () => {
      if (stream.writableLength === 0) stream.setTimeout(stallTimeout)
      else {
        this.onCutOff('stalled')
        stream.close(constants.NGHTTP2_CANCEL)
      }
    })
  }

  #limitResponse(response: ServerResponse, socket: Socket, stallTimeout: number): void {
    const { timeout = 0 } = socket
    response.setTimeout(stallTimeout, () => this.#checkStall(socket, stallTimeout))
    // Not for a later response of the application. Node sets its own timeout for an idle connection after this.
    response.prependOnceListener('finish', () => socket.setTimeout?.(timeout))
  }

  /** Handles a timeout without traffic: the client reads nothing, or there was nothing to read. */
  #checkStall(socket: Socket, stallTimeout: number): void {
    if (socket.writableLength === 0) {
      socket.setTimeout(stallTimeout)
      return
    }
    this.onCutOff('stalled')
    socket.destroy()
  }
}

function sizeOf({ url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((size, text) => size + text.length + headerSize, url.length)
}
