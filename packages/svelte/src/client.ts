import type { Client, DefaultGroup, Group } from '@headcount/client'
import { getContext, setContext } from 'svelte'
import { HeadcountSvelteError } from './error.js'

const key = Symbol('headcount')

/** Provides the client to the component in setup, and to all below it. */
export function setClient(client: Client<Group>): void {
  setContext(key, client)
}

/** @throws {HeadcountSvelteError} `no_client` */
export function getClient<G extends Group = DefaultGroup>(): Client<G> {
  const client = getContext<Client<G> | undefined>(key)
  if (client) return client
  throw new HeadcountSvelteError('no_client', 'expected setClient(client) in a component above, got no client')
}
