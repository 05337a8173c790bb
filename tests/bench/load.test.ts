import { until } from '@headcount/testing'
import { Fleet } from '@headcount/tools/load/fleet.mjs'
import { readFrames, textFrame } from '@headcount/tools/load/frames.mjs'
import { expect, it, onTestFinished } from 'vitest'
import { visibleDelays } from '../../bench/statistics.mjs'
import { phoenixServer } from './phoenix-server.js'

const counts = (viewers: number) => ({ users: { count: 0 }, viewers: { count: viewers } })

it('a fleet counts the clients that show a wrong total, and reports the largest error', async () => {
  let joined = 0
  const { url, sockets } = await phoenixServer(([joinRef, ref, topic]) => {
    const diff = JSON.stringify([null, null, topic, 'presence_diff', { joins: counts(1), leaves: counts(0) }])
    // After the third join, the first client gets no diff.
    const [first, ...others] = [...sockets.clients]
    for (const socket of joined < 2 ? [first!, ...others] : others) setImmediate(() => socket.send(diff))
    return [
      [joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }],
      [joinRef, null, topic, 'presence_state', counts(joined++)],
    ]
  })
  const fleet = new Fleet()
  onTestFinished(() => fleet.stop())
  await fleet.setup({ urls: [url], topics: 1, prefix: 'video:' })
  for (const to of [1, 2, 3, 4]) expect(await fleet.grow({ to, within: 10_000 })).toBe(0)
  await until('one client to be off by 2', async () => {
    const { wrong, off } = await fleet.wrong(undefined)
    return wrong === 1 && off === 2
  })
  expect(await fleet.tally()).toMatchObject({ lost: 0, changes: 4 })
})

it('frames are read completely regardless of how reads split them', () => {
  const texts = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(70_000)]
  const heads = [[0], [1], [125], [126, 0, 126], [127, 0, 0, 0, 0, 0, 1, 0x11, 0x70]]
  const stream = Buffer.concat(texts.flatMap((text, i) => [Buffer.from([0x81, ...heads[i]!]), Buffer.from(text)]))
  for (const size of [1, 2, 3, 7, 130, stream.length]) {
    const got: string[] = []
    let bytes = 0
    let rest: Buffer = Buffer.alloc(0)
    // Read byte by byte, the longest would be copied for each byte.
    const end = size < 130 ? 400 : stream.length
    for (let at = 0; at < end; at += size) {
      rest = readFrames(Buffer.concat([rest, stream.subarray(at, at + size)]), (opcode, all, start, end, of) => {
        expect(opcode).toBe(1)
        got.push(all.toString('latin1', start, end))
        bytes += of
      })
    }
    expect(got).toEqual(texts.slice(0, size < 130 ? 4 : 5))
    if (size >= 130) expect(bytes).toBe(stream.length)
  }
})

it('frames of a client are masked, as servers require', () => {
  expect([...textFrame('hi')]).toEqual([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
})

it('the delay until a join is visible is the time from its first packet to the first total that includes it', () => {
  const connects = [0, 10, 20, 30]
  // The first client shows the second join at 50 and the others at 70; the third starts with three, and shows the
  // fourth.
  const traces = [
    [5, 1, 50, 2, 70, 4],
    [60, 3, 90, 4],
  ]
  // 40, 50, 40 and 60 ms.
  expect(visibleDelays({ connects, traces }).p50).toBe(45)
  expect(visibleDelays({ connects, traces: [[5, 1, 40, 3]] })).toEqual({ p50: 30, p95: Number.POSITIVE_INFINITY })
})
