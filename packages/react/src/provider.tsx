'use client'
import type { Client, DefaultGroup, Group } from '@headcount/client'
import { createContext, type ReactElement, type ReactNode, useContext } from 'react'
import { HeadcountReactError } from './error.js'

const ClientContext = createContext<Client<Group> | null>(null)

export interface HeadcountProviderProps {
  readonly client: Client<Group>
  readonly children?: ReactNode
}

/** Provides the client to all components below. Create the client once, outside components. */
export function HeadcountProvider({ client, children }: HeadcountProviderProps): ReactElement {
  return <ClientContext.Provider value={client}>{children}</ClientContext.Provider>
}

/** @throws {HeadcountReactError} `no_provider` */
export function useClient<G extends Group = DefaultGroup>(): Client<G> {
  const client = useContext(ClientContext)
  if (client) return client as Client<G>
  throw new HeadcountReactError('no_provider', 'expected a <HeadcountProvider> above this component, got none')
}
