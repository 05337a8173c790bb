import type { Duplex } from 'node:stream'

/** What is told of a stream, which one handler may serve many of. */
export interface Handler {
  /** Bytes have come in. */
  came(bytes: Buffer, stream: Duplex): void
  /** The client has nothing more to say. */
  ended(stream: Duplex): void
  closed(stream: Duplex): void
}

/** Where a stream keeps its handler: a closure a listener would cost more than all else that is kept of a socket. */
const handler = Symbol('handler')

interface Handled extends Duplex {
  [handler]?: Handler
}

/** From now on this handler is told, and no other. An error is no end of the process: `closed` follows. */
export function handle(stream: Handled, by: Handler): void {
  const handled = stream[handler] !== undefined
  stream[handler] = by
  if (!handled) stream.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError)
}

/** Leaves the stream as it was found. */
export function unhandle(stream: Handled): void {
  delete stream[handler]
  stream.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError)
}

/** Identity is told nothing. */
export const nobody: Handler = { came() {}, ended() {}, closed() {} }

function onData(this: Handled, bytes: Buffer): void {
  this[handler]?.came(bytes, this)
}

function onEnd(this: Handled): void {
  this[handler]?.ended(this)
}

function onClose(this: Handled): void {
  this[handler]?.closed(this)
}

function onError(): void {}
