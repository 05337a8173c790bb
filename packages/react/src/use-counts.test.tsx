// @vitest-environment happy-dom
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { act, render } from '@testing-library/react'
import type { ReactElement } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startApp } from '../test/start-app.js'
import { HeadcountReactError, type HeadcountReactErrorCode, type UseCountsOptions, useCounts } from './index.js'

interface Props extends UseCountsOptions {
  readonly topic: string | null
}

/** "live 0 1": the status, the number of users and the number of viewers. */
function Show({ topic, ...options }: Props): ReactElement {
  const { status, counts } = useCounts(topic, options)
  return <p>{`${status} ${counts.users.count} ${counts.viewers.count}`}</p>
}

/** Records every later text of the container. */
function texts(container: Element): string[] {
  const seen = [container.textContent ?? '']
  const observer = new MutationObserver(() => {
    const text = container.textContent ?? ''
    if (text !== seen.at(-1)) seen.push(text)
  })
  observer.observe(container, { subtree: true, childList: true, characterData: true })
  onTestFinished(() => observer.disconnect())
  return seen
}

const shows = (container: Element, text: string) =>
  expect.poll(() => container.textContent, { timeout: 8_000, interval: 5 }).toBe(text)

test('a component opens one channel, even in StrictMode, and shows 1 first, never 0', async () => {
  const { app, sent } = await startApp()
  const { container } = render(app(<Show topic="video:1" />))
  const seen = texts(container)
  await shows(container, 'live 0 1')
  expect(sent.map(({ event }) => event)).toEqual(['phx_join'])
  expect(seen).toEqual(['connecting 0 0', 'live 0 1'])
})

test('two components share one channel, which is left after both have unmounted', async () => {
  const { app, server, sent } = await startApp()
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

test('a change of route between two pages with the same topic does not leave it', async () => {
  const { app, sent } = await startApp()
  const { container, rerender } = render(app(<Show key="one page" topic="video:1" />))
  await shows(container, 'live 0 1')
  rerender(app(null))
  rerender(app(<Show key="another page" topic="video:1" />))
  expect(container.textContent).toBe('live 0 1')
  rerender(app([<Show key="another page" topic="video:1" />, <Show key="more" topic="video:2" />]))
  await shows(container, 'live 0 1live 0 1')
  expect(sent.filter(({ topic }) => topic === 'video:1')).toHaveLength(1)
})

test('a change of topic leaves the first one, and never shows its counts for the second', async () => {
  const { app, server } = await startApp()
  server.track('video:1', 'kiosk')
  const { container, rerender } = render(app(<Show topic="video:1" />))
  await shows(container, 'live 0 2')
  const seen = texts(container)
  rerender(app(<Show topic="video:2" />))
  await shows(container, 'live 0 1')
  expect(seen).toEqual(['live 0 2', 'connecting 0 0', 'live 0 1'])
  await until(async () => (await server.counts('video:1')).viewers.count === 1)
})

test('without a topic nothing is joined, and with one again it is', async () => {
  const { app, sockets, sent } = await startApp()
  const { container, rerender } = render(app(<Show topic={null} />))
  expect(container.textContent).toBe('connecting 0 0')
  expect(sockets).toHaveLength(0)
  rerender(app(<Show topic="video:1" />))
  await shows(container, 'live 0 1')
  rerender(app(<Show topic={null} initial={counts(3, 9)} />))
  expect(container.textContent).toBe('connecting 3 9')
  await until(() => sent.at(-1)?.event === 'phx_leave')
})

test('the options of a component decide whether it counts', async () => {
  const { app, server, sent } = await startApp()
  Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
  onTestFinished(() => void Reflect.deleteProperty(document, 'visibilityState'))
  server.track('video:1', 'kiosk')
  const { container, rerender } = render(app(<Show topic="video:1" count="visible" />))
  await shows(container, 'live 0 1')
  rerender(app(<Show topic="video:1" count="open" />))
  await shows(container, 'live 0 2')
  expect(sent.map(({ event }) => event)).toEqual(['phx_join', 'observe'])
})

test('initial counts are shown until the first ones arrive, even if the object changes', async () => {
  const { app } = await startApp()
  const { container, rerender } = render(app(<Show topic="video:1" initial={counts(3, 9)} />))
  const seen = texts(container)
  rerender(app(<Show topic="video:1" initial={counts(3, 9)} />))
  await shows(container, 'live 0 1')
  expect(seen).toEqual(['connecting 3 9', 'live 0 1'])
})

test('on a server the initial counts are rendered, and no topic is created', async () => {
  const { app, client, sockets } = await startApp()
  const topic = vi.spyOn(client, 'topic')
  expect(renderToString(app(<Show topic="video:1" />))).toBe('<p>connecting 0 0</p>')
  expect(renderToString(app(<Show topic="video:1" initial={counts(3, 9)} />))).toBe('<p>connecting 3 9</p>')
  expect(topic).not.toHaveBeenCalled()
  expect(client.status).toBe('idle')
  expect(sockets).toHaveLength(0)
})

test('hydration matches the rendered HTML, and the counts become live', async () => {
  const { app } = await startApp()
  const page = app(<Show topic="video:1" initial={counts(3, 9)} />)
  const container = document.createElement('div')
  container.innerHTML = renderToString(page)
  const seen = texts(container)
  const errors = vi.spyOn(console, 'error')
  onTestFinished(() => errors.mockRestore())
  const onRecoverableError = vi.fn()
  const root = await act(() => hydrateRoot(container, page, { onRecoverableError }))
  onTestFinished(() => act(() => root.unmount()))
  await shows(container, 'live 0 1')
  expect(seen).toEqual(['connecting 3 9', 'live 0 1'])
  expect(onRecoverableError).not.toHaveBeenCalled()
  expect(errors.mock.calls.filter(([message]) => !String(message).includes('act('))).toEqual([])
})

test('a missing provider is an error that names it', () => {
  const provocations: Record<HeadcountReactErrorCode, true> = { no_provider: true }
  expect(docRows('ERRORS.md', 'HeadcountReactError').map(([code]) => code)).toEqual(Object.keys(provocations))
  expect(() => renderToString(<Show topic="video:1" />)).toThrow(
    new HeadcountReactError('no_provider', 'expected a <HeadcountProvider> above this component, got none'),
  )
})
