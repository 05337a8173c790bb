// @vitest-environment happy-dom
import { render, screen } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { counts, until } from '../../client/test/live.js'
import { house } from '../test/house.js'
import { Presence } from './index.js'

/** What is on show, without what only screen readers get. */
const shown = (container: Element) => container.querySelector('[aria-hidden]')?.textContent
const heard = () => screen.getByRole('status').textContent
const status = (container: Element) => container.querySelector('.headcount')?.getAttribute('data-status')

test('says who is here in words, and moves with them', async () => {
  const { app, server } = await house()
  const { container } = render(app(<Presence topic="video:1" announceEvery={0} />))
  expect(shown(container)).toBe('…')
  expect(heard()).toBe('')
  expect(status(container)).toBe('connecting')
  await until(() => shown(container) === '1 viewer')
  expect(status(container)).toBe('live')
  server.track('video:1', 'a person', 'users')
  await until(() => shown(container) === '1 user, 1 viewer')
  await until(() => heard() === '1 user, 1 viewer')
})

test('tells screen readers politely, whole, and not all the time', async () => {
  const { app, server } = await house()
  const { container } = render(app(<Presence topic="video:1" />))
  await until(() => heard() === '1 viewer')
  server.track('video:1', 'a kiosk')
  await until(() => shown(container) === '2 viewers')
  expect(heard()).toBe('1 viewer')
  const region = screen.getByRole('status')
  expect(region.getAttribute('aria-live')).toBe('polite')
  expect(region.getAttribute('aria-atomic')).toBe('true')
  expect(region.style.position).toBe('absolute')
})

test('a topic in which nobody is says so', async () => {
  const { app } = await house()
  const { container } = render(app(<Presence topic="video:1" observe />))
  await until(() => shown(container) === 'Nobody here')
  expect(status(container)).toBe('live')
})

test('shows what it last knew while the server is away', async () => {
  const { app, server } = await house()
  const { container } = render(app(<Presence topic="video:1" announceEvery={0} />))
  await until(() => shown(container) === '1 viewer')
  await server.stop()
  await until(() => status(container) === 'stale')
  expect(shown(container)).toBe('1 viewer')
  await until(() => heard() === '1 viewer (reconnecting)')
  await server.resume()
  await until(() => heard() === '1 viewer')
})

test('a refused topic shows that it has no count', async () => {
  const { app } = await house({ topics: ['video:*'] })
  const { container } = render(app(<Presence topic="chat" />))
  await until(() => status(container) === 'refused')
  expect(shown(container)).toBe('Count unavailable')
  await until(() => heard() === 'Count unavailable')
})

test('words, language and class names are yours', async () => {
  const { app, server } = await house()
  server.track('video:1', 'a person', 'users')
  const groups = { users: { one: '# Nutzer', other: '# Nutzer' }, viewers: { other: '# Gäste' } }
  const classNames = { shown: 'shown', group: 'group', number: 'number', announcement: 'sr-only' }
  const { container } = render(
    app(<Presence topic="video:1" locale="de" labels={{ groups }} className="badge" classNames={classNames} />),
  )
  await until(() => shown(container) === '1 Nutzer und 1 Gäste' || shown(container) === '1 Nutzer, 1 Gäste')
  expect(container.querySelector('.badge > .shown > .group[data-group="users"] > .number')?.textContent).toBe('1')
  expect(screen.getByRole('status').className).toBe('sr-only')
  expect(screen.getByRole('status').getAttribute('style')).toBeNull()
})

test('large numbers may be short to see', async () => {
  const { app, server } = await house()
  for (let n = 1; n < 1_234; n++) server.track('video:1', `kiosk ${n}`)
  const { container } = render(app(<Presence topic="video:1" compact announceEvery={0} />))
  await until(() => shown(container) === '1.2K viewers')
  await until(() => heard() === '1,234 viewers')
})

test('what is seen may be drawn in another way', async () => {
  const { app } = await house()
  const { container } = render(
    app(
      <Presence topic="video:1">
        {({ counts, status, text }) => <b title={text}>{`${status}: ${counts.viewers.count}`}</b>}
      </Presence>,
    ),
  )
  await until(() => shown(container) === 'live: 1')
  expect(container.querySelector('b')?.title).toBe('1 viewer')
  await until(() => heard() === '1 viewer')
})

test('on a server it renders the counts that it is given', async () => {
  const { app } = await house()
  const html = renderToString(app(<Presence topic="video:1" initial={counts(12, 340)} />))
  const page = document.createElement('div')
  page.innerHTML = html
  expect(shown(page)).toBe('12 users, 340 viewers')
  expect(page.querySelector('[role=status]')?.textContent).toBe('12 users, 340 viewers')
  expect(status(page)).toBe('connecting')
})
