import { describe, expect, test } from 'vitest'
import { counts, House } from '../test/test-server.js'
import { breath } from './send-queue.js'

/** The frames of a client as `event ref`, in their order. */
const replies = (client: { heard: readonly { event: string; ref: unknown; payload: unknown }[] }) =>
  client.heard.filter(({ event }) => event !== 'presence_diff').map(({ event, ref }) => `${event} ${ref}`)

describe('authorisation that takes its time', () => {
  function gate() {
    const asked: ((answer: boolean) => void)[] = []
    return { asked, authorize: () => new Promise<boolean>((resolve) => asked.push(resolve)) }
  }

  test('holds up its own socket, which is read again after it, in order', async () => {
    const { asked, authorize } = gate()
    const house = await House.open({ authorize })
    const ada = house.client()
    ada.join('a')
    ada.push('phoenix', 'heartbeat')
    ada.join('b')
    ada.push('phoenix', 'heartbeat')
    await house.clock.advance(10)
    expect(ada.heard).toEqual([])
    expect(ada.paused).toBe(true)
    asked[0]?.(true)
    await house.clock.advance(10)
    expect(replies(ada)).toEqual(['phx_reply 1', 'phx_reply 2', 'presence_state null'])
    asked[1]?.(false)
    await house.clock.advance(10)
    expect(ada.events('phx_reply')[2]?.payload).toEqual({
      status: 'error',
      response: { reason: 'unauthorized' },
    })
    expect(replies(ada).at(-1)).toBe('phx_reply 4')
    expect(ada.paused).toBe(false)
  })

  test('does not hold up another', async () => {
    const { authorize } = gate()
    const house = await House.open({ authorize })
    house.client().join('a')
    const bob = house.client()
    bob.push('phoenix', 'heartbeat')
    await house.clock.advance(10)
    expect(replies(bob)).toEqual(['phx_reply 1'])
  })

  test('that comes too late counts nobody', async () => {
    const { asked, authorize } = gate()
    const house = await House.open({ authorize })
    const ada = house.client()
    ada.join('a')
    ada.drop()
    asked[0]?.(true)
    await house.clock.advance(10)
    expect(await house.committed('a')).toEqual(counts(0, 0))
  })

  test('that fails is a no', async () => {
    const house = await House.open({ authorize: () => Promise.reject(new Error('the database is down')) })
    const ada = house.client()
    ada.join('a')
    await house.clock.advance(10)
    expect(ada.heard[0]?.payload).toEqual({ status: 'error', response: { reason: 'unauthorized' } })
  })

  test('that throws is a no', async () => {
    const house = await House.open({
      authorize: () => {
        throw new Error('no such table')
      },
    })
    const ada = house.client()
    ada.join('a')
    await house.clock.advance(10)
    expect(ada.heard[0]?.payload).toEqual({ status: 'error', response: { reason: 'unauthorized' } })
  })
})

describe('a client that asks for too much', () => {
  test('is read no faster than the limit, and read again a second later', async () => {
    const house = await House.open({ limits: { messagesPerSecond: 10 } })
    const ada = house.client()
    for (let i = 0; i < 9; i++) ada.push('phoenix', 'heartbeat')
    expect(ada.paused).toBe(false)
    ada.push('phoenix', 'heartbeat')
    expect(ada.paused).toBe(true)
    ada.socket.second()
    expect(ada.paused).toBe(false)
  })

  test('and never reads is cut off, and counts no more', async () => {
    const house = await House.open({ limits: { backlogBytes: 1000 } })
    const ada = house.client()
    ada.join('a')
    await house.clock.advance(0)
    ada.stall()
    for (let i = 0; i < 1000; i++) {
      ada.push('phoenix', 'heartbeat')
      await house.clock.advance(0)
    }
    expect(ada.closedWith?.code).toBe(1008)
    expect(ada.backlog).toBeLessThan(20_000)
    await house.clock.advance(1000)
    expect(await house.committed('a')).toEqual(counts(0, 0))
  })
})

test.each([0, 4])('a join %i ms behind a leave overtakes its answer, as in Phoenix', async (ms) => {
  const house = await House.open()
  const ada = house.client()
  ada.join('a')
  await house.clock.advance(0)
  ada.heard.length = 0
  ada.leave('a')
  await house.clock.advance(ms)
  ada.join('a')
  await house.clock.advance(breath)
  expect(replies(ada)).toEqual(['phx_reply 3', 'phx_close 1', 'presence_state null'])
  expect(await house.committed('a')).toEqual(counts(0, 1))
})

test('a leave counts at once, and is answered a breath later', async () => {
  const house = await House.open()
  const ada = house.client()
  ada.join('a')
  await house.clock.advance(0)
  ada.heard.length = 0
  ada.leave('a')
  await house.clock.advance(0)
  expect(replies(ada)).toEqual([])
  await house.clock.advance(0)
  expect(await house.committed('a')).toEqual(counts(0, 0))
  await house.clock.advance(breath)
  expect(replies(ada)).toEqual(['phx_reply 2', 'phx_close 1'])
})

test.each([0, 4])('two joins %i ms apart leave one channel, one state, one count', async (ms) => {
  const house = await House.open()
  const ada = house.client()
  ada.join('a')
  await house.clock.advance(0)
  ada.heard.length = 0
  ada.join('a')
  await house.clock.advance(ms)
  ada.join('a')
  await house.clock.advance(1000)
  expect(replies(ada)).toEqual(['phx_reply 2', 'phx_reply 3', 'phx_close 1', 'phx_close 2', 'presence_state null'])
  expect(await house.committed('a')).toEqual(counts(0, 1))
})

test('a second join that is refused ends the first one', async () => {
  let allowed = true
  const house = await House.open({ authorize: () => allowed })
  const ada = house.client()
  ada.join('a')
  await house.clock.advance(0)
  ada.heard.length = 0
  allowed = false
  ada.join('a')
  await house.clock.advance(1000)
  expect(replies(ada)).toEqual(['phx_reply 2', 'phx_close 1'])
  expect(await house.committed('a')).toEqual(counts(0, 0))
})

test.each([[null], [7], [[]], ['observe'], [{ observe: 'yes' }]])(
  'a join with the payload %j is refused with a reason',
  async (payload) => {
    const house = await House.open()
    const ada = house.client()
    ada.join('a', payload)
    await house.clock.advance(0)
    expect(ada.heard).toHaveLength(1)
    expect(JSON.stringify(ada.heard[0]?.payload)).toContain('expected an object')
  },
)
