import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** Returns a function that cuts upgrades of new WebSockets, like some proxies, or allows them again. */
export function webSocketBlocker(server: Server): (areBlocked: boolean) => void {
  let isBlocking = false
  const { emit } = server
  server.emit = (event: string, ...args: unknown[]) => {
    if (event !== 'upgrade' || !isBlocking) return Reflect.apply(emit, server, [event, ...args])
    ;(args[1] as Duplex).destroy()
    return true
  }
  return (areBlocked) => {
    isBlocking = areBlocked
  }
}
