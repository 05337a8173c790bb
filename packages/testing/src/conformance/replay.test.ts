import { describe, expect, it } from 'vitest'
import { startHeadcount } from '../server/start.js'
import { tokenFor } from '../server/token.js'
import { type Line, type Recording, recordedTopics, recordings } from './recording.js'
import { replay } from './replay.js'

const secret = 'the secret of the replayer'

/** Replays a recording in which some lines are others, against a server that would conform to it as it was. */
async function replayed(name: string, change: (line: Line) => Line | undefined) {
  const { lines, ...rest } = (await recordings()).find((each) => each.name === name)!
  const changed: Recording = { ...rest, lines: lines.flatMap((line) => change(line) ?? []) }
  expect(JSON.stringify(changed.lines)).not.toBe(JSON.stringify(lines))
  const server = await startHeadcount({ topics: recordedTopics, auth: { secret } })
  try {
    const tokenOf = (user: string) => tokenFor(secret, user)
    return await replay(changed, { urls: [server.url], tokenOf, within: 1000 })
  } finally {
    await server.stop()
  }
}

const isFrame = (line: Line, event: string) => line.kind === 'heard' && JSON.stringify(line.frame).includes(event)

describe.concurrent('replay', () => {
  it('tells a reply that is another', async () => {
    const [difference] = await replayed('user-join', (line) => {
      if (!isFrame(line, 'phx_reply')) return line
      return { ...line, frame: ['3', '4', 'my_channel', 'phx_reply', { status: 'ok', response: {} }] } as Line
    })
    expect(difference).toMatchObject({ line: 4, conn: 'u42', expected: expect.stringContaining('"3","4"') })
  })

  it('tells a frame more', async () => {
    const isClose = (line: Line) => line.kind === 'heard' && JSON.stringify(line.frame).includes('phx_close')
    const differences = await replayed('anonymous-join-leave', (line) => (isClose(line) ? undefined : line))
    expect(differences).toContainEqual(expect.objectContaining({ got: expect.stringContaining('phx_close') }))
  })

  it('tells a frame that is missing', async () => {
    const differences = await replayed('same-topic-twice', (line) => {
      if (line.kind !== 'sent' || JSON.stringify(line.frame) !== '["5","8","my_channel","phx_leave",{}]') return line
      return { ...line, frame: ['4', '8', 'my_channel', 'phx_leave', {}] }
    })
    expect(differences).toContainEqual(expect.objectContaining({ conn: 'dup', got: 'nothing' }))
  })

  it('tells frames in another order', async () => {
    const reply = ['3', '4', 'my_channel', 'phx_reply', { status: 'ok', response: {} }]
    const close = ['3', '3', 'my_channel', 'phx_close', {}]
    const differences = await replayed('anonymous-join-leave', (line) => {
      if (line.kind !== 'heard' || line.at < 2535) return line
      return { ...line, frame: isFrame(line, 'phx_close') ? reply : close }
    })
    expect(differences).toMatchObject([{ conn: 'c1', got: expect.stringContaining('phx_reply') }])
  })

  it('tells a truth that is not shown', async () => {
    const differences = await replayed('user-join', (line) => {
      if (line.kind !== 'truth' || line.counts.users.count === 0) return line
      return { ...line, counts: { users: { count: 2 }, viewers: { count: 0 } } }
    })
    expect(differences.map(({ conn }) => conn)).toContain('u42')
    expect(differences[0]?.expected).toBe('{"users":{"count":2},"viewers":{"count":0}}')
  })

  it('tells a request that was not refused', async () => {
    const differences = await replayed('protocol-v1', (line) =>
      line.kind === 'connect' && line.conn === 'vsn-9' ? { ...line, url: line.url.replace('9.0.0', '2.0.0') } : line,
    )
    expect(differences).toMatchObject([{ conn: 'vsn-9', expected: 'refused with 403', got: 'nothing' }])
  })
})
