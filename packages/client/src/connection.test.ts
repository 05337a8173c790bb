import { record } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { connect, open } from '../test/clients.js'
import { ScriptedServer } from '../test/scripted-server.js'
import { type Client, createClient } from './client.js'

/** A client that connects by a kind of socket, without randomness. */
function startWith(transport: new () => object) {
  const client = createClient({ url: 'ws://host/socket', socket: { transport }, random: () => 1 })
  client.topic('video:1').subscribe(() => {})
  return client
}

describe('the connection of a client', () => {
  test('is retried if it does not open in time, with growing delays', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const openedAt: number[] = []
    let closed = 0
    class Silent {
      constructor() {
        openedAt.push(Date.now())
      }
      close() {
        closed += 1
      }
    }
    const client = startWith(Silent)
    await vi.advanceTimersByTimeAsync(60_000)
    client.close()
    const start = openedAt[0]!
    expect(openedAt.map((at) => at - start)).toEqual([0, 11_000, 23_000, 37_000, 55_000])
    expect(closed).toBe(5)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is retried at once if a policy of the page blocks it, which Chromium reports without a close', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const openedAt: number[] = []
    class Blocked {
      readonly readyState = 3
      onerror: ((event: object) => void) | null = null
      constructor() {
        openedAt.push(Date.now())
        queueMicrotask(() => this.onerror?.({}))
      }
      close() {}
    }
    const client = startWith(Blocked)
    await vi.advanceTimersByTimeAsync(4_000)
    client.close()
    expect(openedAt.map((at) => at - openedAt[0]!)).toEqual([0, 1_000, 3_000])
  })

  test('is not retried if no topic needs it any more', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    let attempts = 0
    class Unreachable {
      onclose: ((event: object) => void) | null = null
      constructor() {
        attempts += 1
        setTimeout(() => this.onclose?.({}))
      }
      close() {}
    }
    const client = createClient({ url: 'ws://host/socket', socket: { transport: Unreachable }, random: () => 1 })
    const unsubscribe = client.topic('video:1').subscribe(() => {})
    await vi.advanceTimersByTimeAsync(5_000)
    unsubscribe()
    await vi.advanceTimersByTimeAsync(600_000)
    expect([attempts, client.status, vi.getTimerCount()]).toEqual([3, 'idle', 0])
    client.topic('video:1').subscribe(() => {})
    await vi.advanceTimersByTimeAsync(1)
    client.close()
    expect(attempts).toBe(4)
  })

  test('is still needed during a linger time that is longer than a timer of a browser', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    class Silent {
      close() {}
    }
    const client = createClient({ url: 'ws://host/socket', linger: 1e10, socket: { transport: Silent } })
    client.topic('video:1').subscribe(() => {})()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(client.status).toBe('connecting')
    client.close()
  })

  test.each<[string, object, (client: Client) => boolean]>([
    ['connects', {}, ({ status }) => status === 'connecting'],
    ['loses it', {}, ({ status }) => status === 'stale'],
    ['is refused', { code: 1008 }, ({ error }) => error?.code === 'refused'],
    ['has no token', { token: () => Promise.reject(new Error('away')) }, ({ error }) => error?.code === 'no_token'],
    ['has no WebSocket', { opens: false }, ({ error }) => error?.code === 'bad_address'],
  ])('is not retried after a listener has closed a client that %s', async (_what, options, isDone) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { code = 1006, opens = true, token = null } = options as { code?: number; opens?: boolean; token?: null }
    class Closing {
      onopen = () => {}
      onclose = (_event: object) => {}
      constructor() {
        if (!opens) throw new Error('no address')
        setTimeout(() => this.onopen())
        setTimeout(() => this.onclose({ code }), 10)
      }
      send() {}
      close() {}
    }
    const client = createClient({ url: 'ws://host/socket', token, socket: { transport: Closing } })
    const statuses: string[] = []
    client.subscribe(() => {
      statuses.push(client.status)
      if (isDone(client)) client.close()
    })
    client.topic('video:1').subscribe(() => {})
    await vi.advanceTimersByTimeAsync(60_000)
    expect([statuses.at(-1), vi.getTimerCount()]).toEqual(['closed', 0])
  })

  test.each([
    ['a connection', { timeout: Number.POSITIVE_INFINITY }, 0, 1, []],
    ['a connection', { timeout: 1e12 }, 0, 1, []],
    ['the next heartbeat', { heartbeatIntervalMs: Number.POSITIVE_INFINITY }, 1, 1, ['phx_join']],
  ])('may wait for %s for ever: %o', async (_for, options, readyState, sockets, events) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    let opened = 0
    const sent: string[] = []
    class Recorder {
      onopen: (() => void) | null = null
      onmessage: ((event: { data: string }) => void) | null = null
      constructor() {
        opened += 1
        if (readyState === 1) setTimeout(() => this.onopen?.(), 10)
      }
      send(data: string) {
        const [joinRef, , topic, event] = JSON.parse(data)
        sent.push(event)
        const state = JSON.stringify([joinRef, null, topic, 'presence_state', counts(0, 1)])
        setTimeout(() => this.onmessage?.({ data: state }), 10)
      }
      close() {}
    }
    const client = createClient({ url: 'ws://host/socket', socket: { transport: Recorder, ...options } })
    client.topic('video:1').subscribe(() => {})
    await vi.advanceTimersByTimeAsync(600_000)
    client.close()
    expect([opened, sent.filter((event) => event !== 'phx_leave')]).toEqual([sockets, events])
  })

  test('is abandoned if its token does not arrive in time, and the token is fetched again', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const fetchedAt: number[] = []
    const token = () => {
      fetchedAt.push(Date.now())
      return new Promise<string>(() => {})
    }
    const client = createClient({ url: 'ws://host/socket', token, random: () => 1 })
    client.topic('video:1').subscribe(() => {})
    await vi.advanceTimersByTimeAsync(30_000)
    client.close()
    expect(fetchedAt.map((at) => at - fetchedAt[0]!)).toEqual([0, 11_000, 23_000])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that is cut soon after it opened is retried with growing delays', async () => {
    const tries: number[] = []
    const server = await ScriptedServer.start()
    const { client } = open(server.url, {
      random: () => {
        tries.push(tries.length)
        return 0.01
      },
    })
    record(client.topic('video:1'))
    const delays: number[] = []
    for (let n = 1; n <= 4; n++) {
      const { socket } = await server.join(n)
      const cut = performance.now()
      socket.terminate()
      await server.join(n + 1)
      delays.push(performance.now() - cut)
    }
    // 10, 20, 40 and 80 ms.
    expect(delays[3]).toBeGreaterThan(75)
    expect(tries).toHaveLength(4)
  })

  test('is sent a heartbeat after 24 s of silence, before a server sends a ping', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const sentAt: [event: string, at: number][] = []
    const start = Date.now()
    class Answering {
      onopen: (() => void) | null = null
      onmessage: ((event: { data: string }) => void) | null = null
      constructor() {
        setTimeout(() => this.onopen?.())
      }
      send(data: string) {
        const [joinRef, ref, topic, event] = JSON.parse(data)
        sentAt.push([event, Math.round((Date.now() - start) / 1_000)])
        const [answer, payload] =
          event === 'heartbeat' ? ['phx_reply', { status: 'ok' }] : ['presence_state', counts(0, 1)]
        setTimeout(() => this.onmessage?.({ data: JSON.stringify([joinRef, ref, topic, answer, payload]) }))
      }
      close() {}
    }
    const client = startWith(Answering)
    await vi.advanceTimersByTimeAsync(50_000)
    client.close()
    expect(sentAt).toEqual([
      ['phx_join', 0],
      ['heartbeat', 24],
      ['heartbeat', 48],
    ])
  })

  test('is replaced if a heartbeat is not answered', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url, { socket: { heartbeatIntervalMs: 30, timeout: 100 } })
    const store = client.topic('video:1')
    record(store)
    const first = await server.join(1)
    first.accept(counts(0, 3))
    await until(() => store.get().status === 'live')
    first.socket.pause()
    await until(() => store.get().status === 'stale')
    expect((await server.join(2)).topic).toBe('video:1')
  })

  test.each([
    ['after a while', true],
    ['as it opens', false],
  ])('is replaced in time if it dies %s, however often the page is shown', async (_when, answers) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    let isAlive = answers
    const openedAt: number[] = []
    class Dying {
      onopen: (() => void) | null = null
      onmessage: ((event: { data: string }) => void) | null = null
      constructor() {
        openedAt.push(Date.now())
        setTimeout(() => this.onopen?.())
      }
      send(data: string) {
        const [joinRef, , topic] = JSON.parse(data)
        const state = JSON.stringify([joinRef, null, topic, 'presence_state', counts(0, 1)])
        if (isAlive) setTimeout(() => this.onmessage?.({ data: state }))
      }
      close() {}
    }
    let change = () => {}
    const visibility = {
      isVisible: () => true,
      subscribe: (listener: () => void) => {
        change = listener
        return () => {}
      },
    }
    const client = createClient({ url: 'ws://host/socket', socket: { transport: Dying }, random: () => 0, visibility })
    client.topic('video:1').subscribe(() => {})
    await vi.advanceTimersByTimeAsync(100)
    isAlive = false
    const shown = setInterval(() => change(), 5_000)
    await vi.advanceTimersByTimeAsync(19_000)
    clearInterval(shown)
    client.close()
    expect(openedAt.map((at) => Math.round((at - openedAt[0]!) / 1_000))).toEqual([0, answers ? 15 : 10])
  })

  test('that opens after it was given up is closed, as React Native for Android ignores the first close', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const sockets: Late[] = []
    class Late {
      readyState = 0
      onopen: (() => void) | null = null
      constructor() {
        sockets.push(this)
        setTimeout(() => {
          this.readyState = 1
          // The function is called as a method of another object.
          const { onopen } = this
          onopen?.()
        }, 12_000)
      }
      close() {
        if (this.readyState === 1) this.readyState = 3
      }
    }
    const client = startWith(Late)
    await vi.advanceTimersByTimeAsync(10_500)
    client.close()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(sockets.map(({ readyState }) => readyState)).toEqual([3])
    expect([client.status, vi.getTimerCount()]).toEqual(['closed', 0])
  })

  test('is replaced if it opens and nothing is received', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const openedAt: number[] = []
    class Swallowing {
      onopen: (() => void) | null = null
      constructor() {
        openedAt.push(Date.now())
        setTimeout(() => this.onopen?.())
      }
      send() {}
      close() {}
    }
    const client = startWith(Swallowing)
    await vi.advanceTimersByTimeAsync(30_000)
    client.close()
    expect(openedAt.map((at) => Math.round((at - openedAt[0]!) / 1_000))).toEqual([0, 11, 22])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is replaced at once if it closes because of a token, as a stream does', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const openedAt: number[] = []
    class Stream {
      onopen = () => {}
      onclose = (_event: object) => {}
      constructor() {
        openedAt.push(Date.now())
        setTimeout(() => this.onopen())
      }
      send(data: string) {
        if (JSON.parse(data)[3] === 'token') this.onclose({})
      }
      close() {}
    }
    const client = startWith(Stream)
    await vi.advanceTimersByTimeAsync(5_000)
    client.signIn('a token')
    await vi.advanceTimersByTimeAsync(1)
    client.close()
    expect(openedAt.map((at) => at - openedAt[0]!)).toEqual([0, 5_000])
  })

  test.each([
    ['at a heartbeat when no topic needs it', 'live', { heartbeatIntervalMs: 30 }],
    ['if no topic needs it when it opens', 'connecting', { timeout: 200 }],
  ])('is closed %s, and opened again for the next topic', async (_when, status, socket) => {
    const { client, sockets } = await connect({ linger: 0, socket })
    const { unsubscribe } = record(client.topic('video:1'))
    await until(() => client.topic('video:1').get().status === status)
    unsubscribe()
    await until(() => client.status === 'idle')
    await until(() => sockets[0]!.readyState === 3)
    record(client.topic('video:1'))
    await until(() => client.topic('video:1').get().status === 'live')
    expect(sockets).toHaveLength(2)
  })

  test('ignores invalid frames', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    const store = client.topic('video:1')
    record(store)
    const join = await server.join(1)
    const junk = ['<html>', '7', 'null', '{}', '[]', '["1","1"]', '[null,"9","video:1","phx_reply",null]']
    for (const text of junk) join.socket.send(text)
    join.socket.send(new Uint8Array([1, 2, 3]))
    join.accept(counts(0, 3))
    await until(() => store.get().status === 'live')
  })

  test('joins a topic again whose join was not answered', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url, { socket: { timeout: 200 } })
    const store = client.topic('video:1')
    record(store)
    const first = await server.join(1)
    // The connection itself works.
    first.broadcast('presence_diff', {})
    const second = await server.join(2)
    second.accept(counts(0, 3))
    await until(() => store.get().status === 'live')
    expect(second.socket).toBe(first.socket)
  })

  test('has an error when the server closes it permanently', async () => {
    const server = await ScriptedServer.start()
    const { client } = open(server.url)
    const errors: (string | undefined)[] = []
    client.subscribe(() => errors.push(client.error?.message))
    record(client.topic('video:1'))
    ;(await server.join(1)).socket.close(1008, 'too many messages')
    await server.join(2)
    expect(client.error).toBeNull()
    expect(errors).toContain('too many messages')
  })
})
