import { join } from 'node:path'
import { createClient, type Visibility } from '@headcount/client'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { eventually, test } from './fixtures.js'

/** The part of React Native's `AppState` that the example uses. */
class FakeAppState {
  currentState = 'active'
  readonly listeners = new Set<() => void>()

  addEventListener(_type: 'change', listener: () => void) {
    this.listeners.add(listener)
    return { remove: () => this.listeners.delete(listener) }
  }

  set(state: 'active' | 'background'): void {
    this.currentState = state
    for (const listener of this.listeners) listener()
  }
}

test('the application for React Native type-checks, and counts while it is on the screen', async ({
  install,
  startHeadcount,
  onTestFinished,
}) => {
  const { headcount, port } = await startHeadcount()
  const example = await install('react-native', { port })
  await example.run('npm', 'run', 'build')

  const appState = new FakeAppState()
  const { visibilityOf } = (await import(join(example.folder, 'visibility.ts'))) as {
    visibilityOf(appState: FakeAppState): Visibility
  }
  const client = createClient({
    url: `ws://127.0.0.1:${port}/socket`,
    count: 'visible',
    hiddenAfter: 100,
    visibility: visibilityOf(appState),
    socket: { transport: WebSocket },
  })
  onTestFinished(() => client.close())
  const video = client.topic('video:42')
  const unsubscribe = video.subscribe(() => {})
  const counts = (viewers: number) =>
    eventually(async () => expect((await headcount.counts('video:42')).viewers.count).toBe(viewers))

  await counts(1)
  appState.set('background')
  await counts(0)
  expect(headcount.sockets).toBe(1)
  appState.set('active')
  await counts(1)
  await eventually(async () => expect(video.get().counts.viewers.count).toBe(1))
  unsubscribe()
  client.close()
  await counts(0)
  expect(appState.listeners.size).toBe(0)
})
