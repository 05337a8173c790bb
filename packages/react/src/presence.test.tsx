// @vitest-environment happy-dom
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { render, screen } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { startApp } from '../test/start-app.js'
import { Presence } from './index.js'

/** The visible text, without the part for screen readers. */
const visible = (container: Element) => container.querySelector('[data-status] > :first-child')?.textContent
const announced = () => screen.getByRole('status').textContent
const status = (container: Element) => container.querySelector('.headcount')?.getAttribute('data-status')

test('shows the counts in words and updates them', async () => {
  const { app, server } = await startApp()
  const { container } = render(app(<Presence topic="video:1" announceEvery={0} />))
  expect(visible(container)).toBe('…')
  expect(container.querySelector('[aria-hidden]')).toBeNull()
  expect(announced()).toBe('')
  expect(status(container)).toBe('connecting')
  await until(() => visible(container) === '1 viewer')
  expect(status(container)).toBe('live')
  server.track('video:1', 'user 7', 'users')
  await until(() => visible(container) === '1 user, 1 viewer')
  await until(() => announced() === '1 user, 1 viewer')
  expect(container.querySelector('[aria-hidden]')?.textContent).toBe('1 user, 1 viewer')
})

test('announces whole sentences politely, and not every change', async () => {
  const { app, server } = await startApp()
  const { container } = render(app(<Presence topic="video:1" />))
  await until(() => announced() === '1 viewer')
  server.track('video:1', 'kiosk')
  await until(() => visible(container) === '2 viewers')
  expect(announced()).toBe('1 viewer')
  const region = screen.getByRole('status')
  expect(region.getAttribute('aria-live')).toBe('polite')
  expect(region.getAttribute('aria-atomic')).toBe('true')
  expect(region.style.position).toBe('absolute')
})

test('shows the last counts while the server is unreachable', async () => {
  const { app, server } = await startApp()
  const { container } = render(app(<Presence topic="video:1" announceEvery={0} />))
  await until(() => visible(container) === '1 viewer')
  await server.stop()
  await until(() => status(container) === 'stale')
  expect(visible(container)).toBe('1 viewer')
  await until(() => announced() === '1 viewer (reconnecting)')
  await server.resume()
  await until(() => announced() === '1 viewer')
})

test('shows the counts in a page that the browser has translated', async () => {
  const { app, server } = await startApp()
  const { container } = render(app(<Presence topic="video:1" announceEvery={0} />))
  const steps: [change: () => void, text: string][] = [
    [() => {}, '1 viewer'],
    [() => server.track('video:1', 'kiosk'), '2 viewers'],
    [() => server.track('video:1', 'user 7', 'users'), '1 user, 2 viewers'],
    [() => server.untrack('video:1', 'user 7'), '2 viewers'],
  ]
  for (const [change, text] of steps) {
    translate(container)
    change()
    await until(() => visible(container) === text)
    await until(() => announced() === text)
  }
})

/** Wraps every text in an element, as translators of browsers do. */
function translate(root: Node): void {
  for (const node of [...root.childNodes]) {
    if (node.nodeType !== Node.TEXT_NODE) translate(node)
    else if (root.nodeName !== 'FONT') {
      const font = document.createElement('font')
      root.replaceChild(font, node)
      font.append(`${node.textContent}`)
    }
  }
}

test('takes labels, a locale and class names', async () => {
  const { app, server } = await startApp()
  server.track('video:1', 'user 7', 'users')
  const groups = { users: { one: '# Nutzer', other: '# Nutzer' }, viewers: { other: '# Gäste' } }
  const classNames = { visible: 'visible', group: 'group', number: 'number', announcement: 'sr-only' }
  const { container } = render(
    app(<Presence topic="video:1" locale="de" labels={{ groups }} className="badge" classNames={classNames} />),
  )
  await until(() => visible(container) === '1 Nutzer und 1 Gäste' || visible(container) === '1 Nutzer, 1 Gäste')
  expect(container.querySelector('.badge > .visible > .group[data-group="users"] > .number')?.textContent).toBe('1')
  expect(screen.getByRole('status').className).toBe('sr-only')
  expect(screen.getByRole('status').getAttribute('style')).toBeNull()
})

test('shortens large numbers on request, except for screen readers', async () => {
  const { app, server } = await startApp()
  for (let n = 1; n < 1_234; n++) server.track('video:1', `kiosk ${n}`)
  const { container } = render(app(<Presence topic="video:1" compact announceEvery={0} />))
  await until(() => visible(container) === '1.2K viewers')
  await until(() => announced() === '1,234 viewers')
})

test('renders the visible part with its child function', async () => {
  const { app } = await startApp()
  const { container } = render(
    app(
      <Presence topic="video:1">
        {({ counts, status, text }) => <b title={text}>{`${status}: ${counts.viewers.count}`}</b>}
      </Presence>,
    ),
  )
  await until(() => visible(container) === 'live: 1')
  expect(container.querySelector('b')?.title).toBe('1 viewer')
  await until(() => announced() === '1 viewer')
})

test('renders the initial counts on a server', async () => {
  const { app } = await startApp()
  const html = renderToString(app(<Presence topic="video:1" initial={counts(12, 340)} />))
  const page = document.createElement('div')
  page.innerHTML = html
  expect(visible(page)).toBe('12 users, 340 viewers')
  // Screen readers read the visible part until there is an announcement.
  expect(page.querySelector('[aria-hidden]')).toBeNull()
  expect(page.querySelector('[role=status]')?.textContent).toBe('')
  expect(page.querySelector('[style]')).toBeNull()
  expect(status(page)).toBe('connecting')
})
