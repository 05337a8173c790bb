import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { openClient } from '@headcount/tools/live/client.mjs'
import { LiveServer } from '@headcount/tools/live/live-server.mjs'
import { afterAll, beforeAll, describe, vi } from 'vitest'
import type { ClientOptions, DefaultGroup, Group } from '../src/index.js'

export type TestClient<G extends Group = DefaultGroup> = ReturnType<typeof openClient<G>>

/** The supported majors of the stock client, by the names that they are installed under. */
const phoenixes = ['phoenix', 'phoenix-1.7'] as const

export interface Setup {
  readonly phoenix: (typeof phoenixes)[number]
  /** Starts a server and opens a client of it. */
  connect<G extends Group = DefaultGroup>(
    client?: Partial<ClientOptions<G>>,
    server?: HeadcountOptions,
  ): Promise<TestClient<G> & { readonly server: LiveServer }>
  open<G extends Group = DefaultGroup>(url: string, options?: Partial<ClientOptions<G>>): TestClient<G>
}

/** Runs the tests once on each version of phoenix. */
export function describeOnPhoenix(title: string, tests: (setup: Setup) => void): void {
  describe.each(phoenixes)(`${title}, on stock %s`, (phoenix) => {
    let createClient: typeof import('../src/index.js').createClient
    beforeAll(async () => {
      vi.resetModules()
      vi.doMock('phoenix', () => vi.importActual(phoenix))
      createClient = (await import('../src/client.js')).createClient
    })
    afterAll(() => {
      vi.doUnmock('phoenix')
      vi.resetModules()
    })
    tests({
      phoenix,
      connect: async (client, options) => {
        const server = await LiveServer.start(createHeadcount, options)
        return { server, ...openClient(createClient, server.url, client) }
      },
      open: (url, options) => openClient(createClient, url, options),
    })
  })
}
