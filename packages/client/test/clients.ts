import { afterEach, vi } from 'vitest'
import type { Client, ClientOptions, TopicSnapshot, TopicStore } from '../src/index.js'
import { type LiveServer, recordingTransport } from './live.js'

/** The majors of the stock client that we stand on, by the name they are installed under. */
export const phoenixes = ['phoenix', 'phoenix-1.7'] as const
export type Phoenix = (typeof phoenixes)[number]

const undos: (() => unknown)[] = []

/** Undoes after the test, in the reverse order. */
export function afterwards(undo: () => unknown): void {
  undos.push(undo)
}

afterEach(async () => {
  for (const undo of undos.splice(0).reverse()) await undo()
})

export type Opened = { readonly client: Client } & ReturnType<typeof recordingTransport>

/** Makes clients on that phoenix, with Node's WebSocket below it, that come back without waiting. */
export async function clientsOn(phoenix: Phoenix): Promise<(url: string, options?: Partial<ClientOptions>) => Opened> {
  vi.resetModules()
  vi.doMock('phoenix', () => vi.importActual(phoenix))
  const { createClient } = await import('../src/client.js')
  return (url, options = {}) => {
    const wire = recordingTransport()
    const client = createClient({
      url,
      linger: 50,
      random: () => 0.01,
      ...options,
      socket: { transport: wire.transport, ...options.socket },
    })
    afterwards(() => client.close())
    return { client, ...wire }
  }
}

export function started(server: LiveServer): LiveServer {
  afterwards(() => server.stop())
  return server
}

/** Subscribes, and keeps every snapshot that was shown. */
export function watch(store: TopicStore): { readonly seen: TopicSnapshot[]; readonly undo: () => void } {
  const seen: TopicSnapshot[] = []
  const undo = store.subscribe(() => seen.push(store.get()))
  return { seen, undo }
}
