import { type Line, type Recording, recordedTopics, recordings, replay } from '@headcount/testing'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { describe, expect, it } from 'vitest'
import { startHeadcount } from '../support/start-headcount.js'

const secret = 'the secret of the replay'

/** Replays a recording with changed lines against a server that conforms to the original. */
async function replayChanged(name: string, change: (line: Line) => Line | undefined) {
  const { lines, ...rest } = (await recordings()).find((recording) => recording.name === name)!
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

const isReceived = (line: Line, event: string) => line.kind === 'received' && JSON.stringify(line.frame).includes(event)

describe.concurrent('replay reports', () => {
  it('another reply', async () => {
    const [difference] = await replayChanged('user-join', (line) => {
      if (!isReceived(line, 'phx_reply')) return line
      return { ...line, frame: ['3', '4', 'my_channel', 'phx_reply', { status: 'ok', response: {} }] } as Line
    })
    expect(difference).toMatchObject({ line: 4, conn: 'u42', expected: expect.stringContaining('"3","4"') })
  })

  it('an additional frame', async () => {
    const differences = await replayChanged('anonymous-join-leave', (line) =>
      isReceived(line, 'phx_close') ? undefined : line,
    )
    expect(differences).toContainEqual(expect.objectContaining({ got: expect.stringContaining('phx_close') }))
  })

  it('a missing frame', async () => {
    const differences = await replayChanged('same-topic-twice', (line) => {
      if (line.kind !== 'sent' || JSON.stringify(line.frame) !== '["5","8","my_channel","phx_leave",{}]') return line
      return { ...line, frame: ['4', '8', 'my_channel', 'phx_leave', {}] }
    })
    expect(differences).toContainEqual(expect.objectContaining({ conn: 'dup', got: 'nothing' }))
  })

  it('a different order of frames', async () => {
    const reply = ['3', '4', 'my_channel', 'phx_reply', { status: 'ok', response: {} }]
    const close = ['3', '3', 'my_channel', 'phx_close', {}]
    const differences = await replayChanged('anonymous-join-leave', (line) => {
      if (line.kind !== 'received' || line.at < 2535) return line
      return { ...line, frame: isReceived(line, 'phx_close') ? reply : close }
    })
    expect(differences).toMatchObject([{ conn: 'c1', got: expect.stringContaining('phx_reply') }])
  })

  it('counts that differ from the truth', async () => {
    const differences = await replayChanged('user-join', (line) => {
      if (line.kind !== 'truth' || line.counts.users.count === 0) return line
      return { ...line, counts: { users: { count: 2 }, viewers: { count: 0 } } }
    })
    expect(differences.map(({ conn }) => conn)).toContain('u42')
    expect(differences[0]?.expected).toBe('{"users":{"count":2},"viewers":{"count":0}}')
  })

  it('an upgrade that was not refused', async () => {
    const differences = await replayChanged('protocol-v1', (line) =>
      line.kind === 'connect' && line.conn === 'vsn-9' ? { ...line, url: line.url.replace('9.0.0', '2.0.0') } : line,
    )
    expect(differences).toMatchObject([{ conn: 'vsn-9', expected: 'refused with 403', got: 'nothing' }])
  })
})
