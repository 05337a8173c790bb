import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { WorkQueue } from '../work-queue.js'

/** Most requests of a connection that wait for the answers before them, and most names and values of their headers. */
const [maxWaiting, maxHeaders] = [128, 5_000]
/** A connection that sent more requests than that must take each answer within so many ms. */
const fullTimeout = 5_000

/** A connection that is cut off: `stalled` takes nothing for too long, `pipelined` sends too many requests at once. */
export type CutOff = 'stalled' | 'pipelined'

/** A request in turn. */
interface Waiting {
  readonly response: ServerResponse
  /** How long, in ms, its connection may take nothing. 0 for ever. */
  readonly stallTimeout: number
  answer(): void
}

interface Pipeline {
  /** The response that is being sent. */
  current: ServerResponse | undefined
  readonly waiting: Waiting[]
  /** Names and values of all headers since nothing was waiting. */
  headers: number
  isFull: boolean
}

/** A socket with the parser that Node gives it, which is not part of Node's types. */
type ParsedSocket = Socket & { readonly parser?: { onIncoming(request: IncomingMessage): number } | null }

/**
 * Answers the requests of each HTTP/1 connection one by one. Node emits all requests of a pipeline at once, so without
 * this a connection could start thousands of them, whose responses Node keeps in memory, and which outlive it: Node
 * tells only the response in turn that its connection has closed.
 *
 * A connection with too many requests is read no further, and closes after the answers to those before. One that takes
 * no byte of a response for too long is closed.
 */
export class Pipelines {
  readonly #pipelines = new WeakMap<Socket, Pipeline>()
  readonly #work: WorkQueue
  readonly #onCutOff: (why: CutOff) => void

  constructor(work: WorkQueue, onCutOff: (why: CutOff) => void) {
    this.#work = work
    this.#onCutOff = onCutOff
  }

  /**
   * Calls `answer` once it is the turn of the request; never if its connection closes before.
   * @param stallTimeout how long, in ms, the connection may take nothing of the response; 0 for ever.
   */
  take(request: IncomingMessage, response: ServerResponse, stallTimeout: number, answer: () => void): void {
    const { socket } = request
    const pipeline = this.#pipelines.get(socket) ?? { current: undefined, waiting: [], headers: 0, isFull: false }
    this.#pipelines.set(socket, pipeline)
    // HTTP/2 has no pipelines. An application may pass a request on to several handlers.
    if (request.httpVersionMajor > 1 || pipeline.current === response) {
      answer()
      return
    }
    if (pipeline.isFull) return
    pipeline.waiting.push({ response, stallTimeout, answer })
    pipeline.headers += request.rawHeaders.length
    if (pipeline.current === undefined) this.#next(pipeline, socket)
    else if (pipeline.waiting.length === maxWaiting || pipeline.headers > maxHeaders) this.#fill(pipeline, socket)
  }

  #next(pipeline: Pipeline, socket: Socket): void {
    if (!socket.writable) pipeline.waiting.length = 0
    const next = pipeline.waiting.shift()
    pipeline.current = next?.response
    if (pipeline.waiting.length === 0) pipeline.headers = 0
    if (next === undefined) return
    const { response, stallTimeout, answer } = next
    // In a later turn, so that other connections have theirs. Node reads on while a request with a body is answered.
    response.once('close', () => this.#work.add(() => this.#next(pipeline, socket)))
    if (pipeline.isFull) response.setTimeout(fullTimeout, () => socket.destroy())
    else if (stallTimeout > 0) response.setTimeout(stallTimeout, () => this.#checkStall(socket, stallTimeout))
    answer()
  }

  #fill(pipeline: Pipeline, socket: Socket): void {
    pipeline.isFull = true
    // The rest of what was read may hold thousands more: Node would make and keep a response for each.
    ignoreRequests(socket)
    this.#onCutOff('pipelined')
    // Node resumes reading after each response.
    socket.on('resume', () => socket.pause())
    socket.pause()
    // Node closes the connection after this response.
    pipeline.waiting.at(-1)!.response.shouldKeepAlive = false
    pipeline.current!.setTimeout(fullTimeout, () => socket.destroy())
  }

  /** Handles a time without traffic: the client takes nothing, or there was nothing to take. */
  #checkStall(socket: Socket, stallTimeout: number): void {
    if (socket.writableLength === 0) {
      socket.setTimeout(stallTimeout)
      return
    }
    this.#onCutOff('stalled')
    socket.destroy()
  }
}

/** Drops the requests that a connection sends from now on, also those that have been read already. */
export function ignoreRequests(socket: ParsedSocket): void {
  if (socket.parser) socket.parser.onIncoming = ignoreRequest
}

/**
 * In place of Node's own function for the head of a request. 2 tells the parser that another protocol follows, which it
 * does not read; and no listener of `upgrade` is called, because the request does not say so.
 */
function ignoreRequest(request: IncomingMessage & { upgrade?: boolean }): number {
  request.upgrade = false
  return 2
}
