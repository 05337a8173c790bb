import { createClient } from '@headcount/client'
import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { openClient } from '@headcount/tools/live/client.mjs'
import { LiveServer } from '@headcount/tools/live/live-server.mjs'
import { cleanup } from '@testing-library/react'
import { type ReactElement, type ReactNode, StrictMode } from 'react'
import { onTestFinished } from 'vitest'
import { HeadcountProvider } from '../src/index.js'

/** A real server, a client of it, and the components that an application has around its pages. */
export async function startApp(options: HeadcountOptions = {}) {
  const server = await LiveServer.start(createHeadcount, options)
  const opened = openClient(createClient, server.url)
  onTestFinished(cleanup)
  const app = (children: ReactNode): ReactElement => (
    <StrictMode>
      <HeadcountProvider client={opened.client}>{children}</HeadcountProvider>
    </StrictMode>
  )
  return { ...opened, server, app }
}
