// @vitest-environment happy-dom
import { createClient } from '@headcount/client'
import { render } from '@testing-library/react'
import type { ReactElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, onTestFinished, test } from 'vitest'
import { startApp } from '../test/start-app.js'
import { HeadcountProvider, useConnection, useCounts } from './index.js'

/** "live none": the status of the connection and the code of its error. */
function Show(): ReactElement {
  useCounts('video:1')
  const { status, error } = useConnection()
  return <p>{`${status} ${error?.code ?? 'none'}`}</p>
}

const shows = (container: Element, text: string) =>
  expect.poll(() => container.textContent, { timeout: 8_000, interval: 5 }).toBe(text)

test('a component sees the connection open, end and open again', async () => {
  const { app, server } = await startApp()
  const { container } = render(app(<Show />))
  await shows(container, 'live none')
  await server.stop()
  await shows(container, 'stale none')
  await server.resume()
  await shows(container, 'live none')
})

test('a component sees why the client may never connect', async () => {
  class Forbidden {
    constructor() {
      throw new DOMException('mixed content', 'SecurityError')
    }
  }
  const client = createClient({ url: 'ws://host/socket', socket: { transport: Forbidden } })
  onTestFinished(() => client.close())
  const { container } = render(
    <HeadcountProvider client={client}>
      <Show />
    </HeadcountProvider>,
  )
  await shows(container, 'connecting bad_address')
})

test('on a server the connection is idle', async () => {
  const { app } = await startApp()
  expect(renderToString(app(<Show />))).toBe('<p>idle none</p>')
})
