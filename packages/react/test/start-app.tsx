import type { HeadcountOptions } from '@headcount/server'
import { cleanup } from '@testing-library/react'
import { type ReactElement, type ReactNode, StrictMode } from 'react'
import { afterwards, clientsOn, type Opened, started } from '../../client/test/clients.js'
import { LiveServer } from '../../client/test/live.js'
import { HeadcountProvider } from '../src/index.js'

export interface House extends Opened {
  readonly server: LiveServer
  /** What an application has around its pages: StrictMode and the provider. */
  app(children: ReactNode): ReactElement
}

/** A real server and a client of it; what was rendered is unmounted after the test, before the two end. */
export async function house(options: HeadcountOptions = {}): Promise<House> {
  const server = started(await LiveServer.start(options))
  const opened = (await clientsOn('phoenix'))(server.url)
  afterwards(cleanup)
  return {
    ...opened,
    server,
    app: (children) => (
      <StrictMode>
        <HeadcountProvider client={opened.client}>{children}</HeadcountProvider>
      </StrictMode>
    ),
  }
}
