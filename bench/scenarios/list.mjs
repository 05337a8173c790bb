import { LoadClient } from '../../tools/load/client.mjs'
import { sleep } from '../../tools/load/time.mjs'
import { gently } from './scenario.mjs'

/** Longer than the flush interval, so that each change is broadcast separately. */
const every = 150
/** The number of measured changes, each of another topic. */
const changes = 20

const kinds = ['stream', 'socket']
const columns = kinds.flatMap((kind) =>
  ['bytes at the start', 'frames at the start', 'bytes per change', 'frames per change'].map(
    (figure) => `${kind}: ${figure}`,
  ),
)

/**
 * The frames of a page with a list. An event of a stream counts as a frame.
 * @type {import('./scenario.mjs').Scenario}
 */
export const list = {
  name: 'list',
  what: 'what a client of N topics receives, by one HTTP call, one stream, or one socket with N observed channels',
  unit: 'topics',
  sizes: [100],
  columns: ['HTTP: bytes per call', ...columns, 'counted'],
  setup: ({ size }) => ({
    topics: size,
    server: { config: { limits: { topicsPerSocket: size, joinsPerSecond: size + 1 } } },
  }),
  async run({ fleet, server, size }) {
    const missing = await fleet.grow({ to: size, ...gently })
    const topics = Array.from({ length: size }, (_, i) => `video:${i}`)
    const { url } = server
    const stream = new LoadClient({ url, topic: topics.join(), protocol: 'stream' })
    const socket = new LoadClient({ url, topic: '', protocol: 'observer' })
    for (const client of [stream, socket]) await client.connect()
    void stream.join()
    for (const topic of topics) await socket.join({}, topic)
    await sleep(1000)

    const received = () => [stream, socket].map(({ bytes, frames }) => ({ bytes, frames }))
    const start = received()
    const one = new LoadClient({ url, topic: '' })
    await one.connect()
    for (const topic of topics.slice(0, changes)) {
      await one.join({}, topic)
      await sleep(every)
    }
    const end = received()

    const response = await fetch(`${url.replace('ws:', 'http:')}/api/counts?topic=${topics}`)
    const text = await response.text()
    const { counts } = JSON.parse(text)
    for (const client of [stream, socket, one]) client.drop()
    const figures = kinds.map((kind, i) => {
      const [before = { bytes: 0, frames: 0 }, after = { bytes: 0, frames: 0 }] = [start[i], end[i]]
      return {
        [`${kind}: bytes at the start`]: before.bytes,
        [`${kind}: frames at the start`]: before.frames,
        [`${kind}: bytes per change`]: (after.bytes - before.bytes) / changes,
        [`${kind}: frames per change`]: (after.frames - before.frames) / changes,
      }
    })
    const counted = topics.reduce((sum, topic) => sum + counts[topic].viewers.count, 0)
    return Object.assign({ missing, 'HTTP: bytes per call': text.length, counted }, ...figures)
  },
}
