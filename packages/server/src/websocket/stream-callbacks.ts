import type { Duplex } from 'node:stream'

/** Receives the events of one stream. */
export interface StreamCallbacks {
  onData(bytes: Buffer): void
  onClosed(): void
}

const callbacksKey = Symbol('callbacks')

interface StreamWithCallbacks extends Duplex {
  [callbacksKey]?: StreamCallbacks
}

/** Subscribes to a stream with listeners that all streams share: a closure per listener would double a socket's size. */
export function listen(stream: StreamWithCallbacks, callbacks: StreamCallbacks): void {
  stream[callbacksKey] = callbacks
  stream.on('data', onData).on('close', onClose)
}

/** An error needs no handling of its own, because `close` follows it; without a listener it would end the process. */
export function ignoreErrors(stream: Duplex): Duplex {
  return stream.on('error', onError)
}

function onData(this: StreamWithCallbacks, bytes: Buffer): void {
  this[callbacksKey]?.onData(bytes)
}

function onClose(this: StreamWithCallbacks): void {
  this[callbacksKey]?.onClosed()
}

function onError(): void {}
