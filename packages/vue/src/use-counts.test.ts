// @vitest-environment happy-dom
import { createClient, type DefaultGroup } from '@headcount/client'
import { createHeadcount } from '@headcount/server'
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { openClient } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { LiveServer } from '@headcount/tools/live/live-server.mjs'
import { expect, onTestFinished, test } from 'vitest'
import { type Component, createApp, createSSRApp, h, KeepAlive, ref, type VNode } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { HeadcountVueError, type HeadcountVueErrorCode, headcount, useCounts } from './index.js'

type Arguments = Parameters<typeof useCounts<DefaultGroup>>

/** "live 0 1": the status, the number of users and the number of viewers. */
const show = (...args: Arguments): Component => ({
  setup() {
    const snapshot = useCounts(...args)
    return () => {
      const { status, counts } = snapshot.value
      return h('p', `${status} ${counts.users.count} ${counts.viewers.count}`)
    }
  },
})

/** A real server, a client of it, and an application that renders in a page. */
async function startApp() {
  const server = await LiveServer.start(createHeadcount)
  const opened = openClient(createClient, server.url)
  const render = (content: () => VNode | null) => {
    const app = createApp({ render: content }).use(headcount(opened.client))
    const container = document.createElement('div')
    app.mount(container)
    onTestFinished(() => app.unmount())
    return { app, shows: (text: string) => until(() => container.textContent === text), container }
  }
  return { ...opened, server, render }
}

test('a component shows the counts, and is counted until it is unmounted', async () => {
  const { render, server, sent } = await startApp()
  const isOpen = ref(true)
  const component = show('video:1')
  const { shows } = render(() => (isOpen.value ? h(component) : null))
  await shows('live 0 1')
  server.track('video:1', 'kiosk')
  await shows('live 0 2')
  isOpen.value = false
  await until(async () => (await server.counts('video:1')).viewers.count === 1)
  expect(sent.map(({ event }) => event)).toEqual(['phx_join', 'phx_leave'])
})

test('a component that KeepAlive has deactivated is not counted until it is active again', async () => {
  const { render, server } = await startApp()
  const topic = ref('video:1')
  const first = show('video:1')
  const second = show('video:2')
  const { shows } = render(() => h(KeepAlive, null, () => h(topic.value === 'video:1' ? first : second)))
  await shows('live 0 1')
  topic.value = 'video:2'
  await shows('live 0 1')
  await until(async () => (await server.counts('video:1')).viewers.count === 0)
  server.track('video:1', 'kiosk')
  topic.value = 'video:1'
  await shows('live 0 2')
  await until(async () => (await server.counts('video:2')).viewers.count === 0)
})

test('a topic and options that change are followed', async () => {
  const { render, server } = await startApp()
  const topic = ref<string | null>(null)
  const observe = ref(false)
  const component = show(topic, () => ({ observe: observe.value, initial: counts(3, 9) }))
  const { shows, container } = render(() => h(component))
  expect(container.textContent).toBe('connecting 3 9')
  topic.value = 'video:1'
  await shows('live 0 1')
  observe.value = true
  await shows('live 0 0')
  server.track('video:2', 'kiosk')
  topic.value = 'video:2'
  await shows('live 0 1')
})

test('on a server the initial counts are rendered, and nothing connects', async () => {
  const { client, sockets } = await startApp()
  const rendered = (component: Component) =>
    renderToString(createSSRApp({ render: () => h(component) }).use(headcount(client)))
  expect(await rendered(show('video:1'))).toBe('<p>connecting 0 0</p>')
  expect(await rendered(show('video:1', { initial: counts(3, 9) }))).toBe('<p>connecting 3 9</p>')
  expect(client.status).toBe('idle')
  expect(sockets).toHaveLength(0)
})

test('a missing client is an error that names it', async () => {
  const provocations: Record<HeadcountVueErrorCode, true> = { no_client: true }
  expect(docRows('ERRORS.md', 'HeadcountVueError').map(([code]) => code)).toEqual(Object.keys(provocations))
  const component = show('video:1')
  const app = createSSRApp({ render: () => h(component) })
  app.config.warnHandler = () => {}
  await expect(renderToString(app)).rejects.toThrow(HeadcountVueError)
})
