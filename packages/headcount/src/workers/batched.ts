import type { Clock } from '@headcount/core'

/** A channel to another process. Messages are JSON and arrive in order. */
export interface Port {
  /** Calls `sent` when the message has left this process, or the channel is closed. */
  send(message: object, sent: () => void): void
  /** Returns the undo. */
  subscribe(listener: (message: unknown) => void): () => void
}

/** A child process in its parent, or `process` in a child. */
export interface ProcessEnd {
  send?(message: object, handle: undefined, options: object, sent: (error: Error | null) => void): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  off(event: 'message', listener: (message: unknown) => void): unknown
}

/** The channel between a process and a child that it forked. */
export function portOf(end: ProcessEnd): Port {
  return {
    send(message, sent) {
      // After a disconnect, Node calls the callback with an error.
      end.send?.(message, undefined, {}, () => sent())
    },
    subscribe(listener) {
      end.on('message', listener)
      return () => void end.off('message', listener)
    },
  }
}

/** How long, in ms, after a batch the next one may be sent. */
const window = 10

/**
 * Sends messages in batches: at the end of the turn if the channel was quiet, else once per window, and never before
 * the last batch has left this process. A batch costs as much as a single message: one system call, one turn of the
 * event loop and one JSON text at either end.
 */
export class Batched {
  readonly #queue = new Map<unknown, object>()
  #isBusy = false

  constructor(
    private readonly port: Port,
    private readonly clock: Clock,
  ) {}

  /** @param key replaces a queued message with the same key, so that the queue for a stopped process is bounded. */
  send(message: object, key: unknown = message): void {
    this.#queue.delete(key)
    this.#queue.set(key, message)
    if (!this.#isBusy) this.clock.soon(() => this.#flush())
    this.#isBusy = true
  }

  /** Calls `listener` with each message of each batch. Returns the undo. */
  subscribe(listener: (message: unknown) => void): () => void {
    return this.port.subscribe((batch) => {
      const messages = (batch as { headcount?: unknown } | null)?.headcount
      if (Array.isArray(messages)) for (const message of messages) listener(message)
    })
  }

  #flush(): void {
    this.#isBusy = this.#queue.size > 0
    if (!this.#isBusy) return
    const messages = [...this.#queue.values()]
    this.#queue.clear()
    const sent = new Promise<void>((resolve) => this.port.send({ headcount: messages }, resolve))
    this.clock.after(window, () => void sent.then(() => this.#flush()))
  }
}
