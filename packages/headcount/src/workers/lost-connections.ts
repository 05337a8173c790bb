import type { ChildProcess } from 'node:child_process'

/** The message by which node:cluster hands over a connection, and its answer. */
interface ClusterMessage {
  readonly act?: string
  readonly seq?: number
  readonly ack?: number
}

/**
 * Closes the connections that were being handed over to a worker when it exited, so that their clients reconnect.
 * node:cluster keeps such a connection open and unread until the primary exits.
 */
export function closeLostConnections(worker: ChildProcess): void {
  const handed = new Map<number | undefined, { close?(): void }>()
  const send = worker.send.bind(worker) as (...args: readonly unknown[]) => boolean
  worker.send = (...args: readonly unknown[]) => {
    const [message, handle] = args as [ClusterMessage, { close?(): void } | undefined]
    if (message.act === 'newconn' && handle) handed.set(message.seq, handle)
    return send(...args)
  }
  worker.on('internalMessage' as 'message', (message) => handed.delete((message as ClusterMessage).ack))
  worker.once('exit', () => {
    for (const handle of handed.values()) handle.close?.()
  })
}
