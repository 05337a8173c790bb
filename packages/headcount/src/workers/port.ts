import type { Port } from './rpc.js'

/** What both ends of a fork have in common: the child as its parent sees it, and the parent as `process` shows it. */
export interface End {
  readonly connected: boolean
  send?(message: object, handle: undefined, options: object, done: (error: Error | null) => void): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  off(event: 'message', listener: (message: unknown) => void): unknown
}

/** The channel between a process and one that it has forked. */
export function portOf(end: End): Port {
  return {
    send(message) {
      // What is on its way when the other end dies is lost with it.
      if (end.connected) end.send?.(message, undefined, {}, () => {})
    },
    on(listener) {
      end.on('message', listener)
      return () => void end.off('message', listener)
    },
  }
}
