'use client'
import type { Client } from '@headcount/client'
import { createContext, type ReactElement, type ReactNode, useContext } from 'react'
import { HeadcountReactError } from './error.js'

const ClientContext = createContext<Client | null>(null)

export interface HeadcountProviderProps {
  readonly client: Client
  readonly children?: ReactNode
}

/** Gives the components below it the client. Make that once, outside of components. */
export function HeadcountProvider({ client, children }: HeadcountProviderProps): ReactElement {
  return <ClientContext.Provider value={client}>{children}</ClientContext.Provider>
}

/** @throws {HeadcountReactError} `no_provider` where no `<HeadcountProvider>` stands above. */
export function useClient(): Client {
  const client = useContext(ClientContext)
  if (client) return client
  throw new HeadcountReactError('no_provider', 'expected a <HeadcountProvider> above this component, got none')
}
