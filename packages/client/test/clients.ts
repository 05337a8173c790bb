import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { openClient } from '@headcount/tools/live/client.mjs'
import { LiveServer } from '@headcount/tools/live/live-server.mjs'
import { type ClientOptions, createClient, type DefaultGroup, type Group } from '../src/index.js'

export type TestClient<G extends Group = DefaultGroup> = ReturnType<typeof openClient<G>>

/** Starts a real server and opens a client of it. */
export async function connect<G extends Group = DefaultGroup>(
  client?: Partial<ClientOptions<G>>,
  options?: HeadcountOptions,
): Promise<TestClient<G> & { readonly server: LiveServer }> {
  const server = await LiveServer.start(createHeadcount, options)
  return { server, ...open(server.url, client) }
}

export function open<G extends Group = DefaultGroup>(url: string, options?: Partial<ClientOptions<G>>): TestClient<G> {
  return openClient(createClient, url, options)
}
