// @vitest-environment happy-dom
import { act, render } from '@testing-library/react'
import type { ReactElement } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { afterwards } from '../../client/test/clients.js'
import { counts, until } from '../../client/test/live.js'
import { house } from '../test/house.js'
import { type Counts, HeadcountReactError, useCounts } from './index.js'

interface Shown {
  readonly topic: string
  readonly observe?: boolean
  readonly initial?: Counts
}

/** "live 0 1": the status, the users, the viewers. */
function Show({ topic, ...options }: Shown): ReactElement {
  const { status, counts } = useCounts(topic, options)
  return <p>{`${status} ${counts.users.count} ${counts.viewers.count}`}</p>
}

/** Every text that the container has shown, from now on. */
function texts(container: Element): string[] {
  const seen = [container.textContent ?? '']
  const observer = new MutationObserver(() => {
    const text = container.textContent ?? ''
    if (text !== seen.at(-1)) seen.push(text)
  })
  observer.observe(container, { subtree: true, childList: true, characterData: true })
  afterwards(() => observer.disconnect())
  return seen
}

const shows = (container: Element, text: string) =>
  until(
    () => container.textContent === text,
    () => container.textContent,
  )

test('a mounted component is one channel, in StrictMode too, and shows 1 and never 0', async () => {
  const { app, sent } = await house()
  const { container } = render(app(<Show topic="video:1" />))
  const seen = texts(container)
  await shows(container, 'live 0 1')
  expect(sent.map(({ event }) => event)).toEqual(['phx_join'])
  expect(seen).toEqual(['connecting 0 0', 'live 0 1'])
})

test('two components are one channel, left a moment after both have gone', async () => {
  const { app, server, sent } = await house()
  const both = [<Show key="a" topic="video:1" />, <Show key="b" topic="video:1" />]
  const { container, rerender } = render(app(both))
  await shows(container, 'live 0 1live 0 1')
  rerender(app(both[0]))
  await shows(container, 'live 0 1')
  expect((await server.counts('video:1')).viewers.count).toBe(1)
  rerender(app(null))
  await until(async () => (await server.counts('video:1')).viewers.count === 0)
  expect(sent.map(({ event }) => event)).toEqual(['phx_join', 'phx_leave'])
})

test('a change of route between pages that show the same topic is no leave', async () => {
  const { app, sent } = await house()
  const { container, rerender } = render(app(<Show key="one page" topic="video:1" />))
  await shows(container, 'live 0 1')
  rerender(app(null))
  rerender(app(<Show key="another page" topic="video:1" />))
  expect(container.textContent).toBe('live 0 1')
  rerender(app([<Show key="another page" topic="video:1" />, <Show key="more" topic="video:2" />]))
  await shows(container, 'live 0 1live 0 1')
  expect(sent.filter(({ topic }) => topic === 'video:1')).toHaveLength(1)
})

test('another topic is another channel, and never shows the counts of the first', async () => {
  const { app, server } = await house()
  server.track('video:1', 'a kiosk')
  const { container, rerender } = render(app(<Show topic="video:1" />))
  await shows(container, 'live 0 2')
  const seen = texts(container)
  rerender(app(<Show topic="video:2" />))
  await shows(container, 'live 0 1')
  expect(seen).toEqual(['live 0 2', 'connecting 0 0', 'live 0 1'])
  await until(async () => (await server.counts('video:1')).viewers.count === 1)
})

test('an observer is not counted', async () => {
  const { app, server } = await house()
  const { container } = render(app(<Show topic="video:1" observe />))
  await shows(container, 'live 0 0')
  server.track('video:1', 'a kiosk')
  await shows(container, 'live 0 1')
})

test('shows the last counts as stale while the server is away', async () => {
  const { app, server } = await house()
  const { container } = render(app(<Show topic="video:1" />))
  await shows(container, 'live 0 1')
  await server.stop()
  await shows(container, 'stale 0 1')
  await server.resume()
  await shows(container, 'live 0 1')
})

test('counts given for the start are shown until there are others, however often they are made anew', async () => {
  const { app } = await house()
  const { container, rerender } = render(app(<Show topic="video:1" initial={counts(3, 9)} />))
  const seen = texts(container)
  rerender(app(<Show topic="video:1" initial={counts(3, 9)} />))
  await shows(container, 'live 0 1')
  expect(seen).toEqual(['connecting 3 9', 'live 0 1'])
})

test('on a server it renders what it is given, and touches nothing', async () => {
  const { app, client, sockets } = await house()
  const topic = vi.spyOn(client, 'topic')
  expect(renderToString(app(<Show topic="video:1" />))).toBe('<p>connecting 0 0</p>')
  expect(renderToString(app(<Show topic="video:1" initial={counts(3, 9)} />))).toBe('<p>connecting 3 9</p>')
  expect(topic).not.toHaveBeenCalled()
  expect(client.status).toBe('idle')
  expect(sockets).toHaveLength(0)
})

test('hydrates what the server rendered without a word, and goes live', async () => {
  const { app } = await house()
  const page = app(<Show topic="video:1" initial={counts(3, 9)} />)
  const container = document.createElement('div')
  container.innerHTML = renderToString(page)
  const seen = texts(container)
  const complaints = vi.spyOn(console, 'error')
  afterwards(() => complaints.mockRestore())
  const onRecoverableError = vi.fn()
  const root = await act(() => hydrateRoot(container, page, { onRecoverableError }))
  afterwards(() => act(() => root.unmount()))
  await shows(container, 'live 0 1')
  expect(seen).toEqual(['connecting 3 9', 'live 0 1'])
  expect(onRecoverableError).not.toHaveBeenCalled()
  expect(complaints.mock.calls.filter(([message]) => !String(message).includes('act('))).toEqual([])
})

test('without a provider it says what it misses', () => {
  expect(() => renderToString(<Show topic="video:1" />)).toThrow(
    new HeadcountReactError('no_provider', 'expected a <HeadcountProvider> above this component, got none'),
  )
})
