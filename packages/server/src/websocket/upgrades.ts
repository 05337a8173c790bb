import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { isSocketPath } from '@headcount/protocol'

/** Handles an upgrade request. `head` holds the bytes that followed it. */
export type UpgradeHandler = (request: IncomingMessage, stream: Duplex, head: Buffer) => void

/**
 * Handles the upgrade requests of an HTTP server at the socket path. They reach no other listener: Node calls every
 * listener of `upgrade` with the same stream, and most, such as the `ws` package, refuse unknown paths. If several
 * handlers have the same path, the newest gets the requests.
 *
 * Upgrades at other paths are left to the application's listeners. If it has none they are answered here, because Node
 * leaves an upgrade that no listener handles open.
 * @param handle handles those at the socket path.
 * @param handleOther handles those at other paths, without a listener of the application.
 * @returns a function that detaches.
 */
export function takeUpgrades(server: Server, handle: UpgradeHandler, handleOther: UpgradeHandler): () => void {
  const { emit } = server
  let isActive = true
  // Every event of the server passes through here, so nothing is copied.
  const intercept = function (this: Server, ...args: [event: string, ...unknown[]]): boolean {
    if (args[0] !== 'upgrade' || !isActive) return Reflect.apply(emit, this, args)
    const request = args[1] as IncomingMessage
    const stream = args[2] as Duplex
    const head = args[3] as Buffer
    // The stream cannot carry another protocol before the response to an earlier request.
    if (hasOpenResponse(stream)) stream.destroy()
    else if (isSocketPath(request.url)) handle(request, stream, head)
    else if (server.listeners('upgrade').some((each) => each !== placeholder)) Reflect.apply(emit, this, args)
    else handleOther(request, stream, head)
    return true
  }
  server.emit = intercept as Server['emit']
  server.on('upgrade', placeholder)
  return () => {
    isActive = false
    server.off('upgrade', placeholder)
    if (server.emit === intercept) server.emit = emit
  }
}

/** Whether Node has a response to send on it: not part of Node's types. */
function hasOpenResponse(stream: Duplex & { readonly _httpMessage?: unknown }): boolean {
  return stream._httpMessage !== undefined && stream._httpMessage !== null
}

/** Without a listener for `upgrade`, Node would treat an upgrade as a plain request. */
function placeholder(): void {}
