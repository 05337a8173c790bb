import type { Client, DefaultGroup, Group } from '@headcount/client'
import { type InjectionKey, inject, type Plugin } from 'vue'
import { HeadcountVueError } from './error.js'

const key: InjectionKey<Client<Group>> = Symbol('headcount')

/** Provides the client to all components of an application: `app.use(headcount(client))`. */
export function headcount(client: Client<Group>): Plugin {
  return { install: (app) => void app.provide(key, client) }
}

/** @throws {HeadcountVueError} `no_client` */
export function useClient<G extends Group = DefaultGroup>(): Client<G> {
  const client = inject(key, null)
  if (client) return client as Client<G>
  throw new HeadcountVueError('no_client', 'expected app.use(headcount(client)) and a call in setup, got no client')
}
