import type { ChildProcess } from 'node:child_process'

/** What node:cluster sends to hand over a connection, and the answer to it. */
interface ClusterMessage {
  readonly act?: string
  readonly seq?: number
  readonly ack?: number
}

/**
 * Closes the connections that a worker was being given when it exited, so that their clients reconnect. node:cluster
 * keeps such a connection open, and reads nothing from it, until the primary exits.
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
