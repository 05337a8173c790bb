import { createServer } from 'node:http'
import { createHeadcount } from '@headcount/server'
import { Fleet } from '../../load/fleet.mjs'
import { now, sleep } from '../../measure/now.mjs'
import { gently } from '../../scenarios/scenario.mjs'

const clients = 1000
const [warm, acts] = [500, 1000]
/** Each topic is told so many ms apart: later than its interval. */
const apart = 60

/**
 * What a flush costs beside its frames, in a turn of its own and in one with others, and what a frame costs. Topics of ten and topics of a hundred are told in turn
 * that one more, or one fewer, is there, who has no socket: what is left of the CPU are the flushes and their frames.
 */
export async function measureFlushes() {
  const small = await telling(10, 1)
  const large = await telling(100, 1)
  const busy = await telling(10, 20)
  const smallFrame = (large.each - small.each) / (large.frames - small.frames)
  return {
    smallFrame,
    loneFlush: small.each - small.frames * smallFrame,
    flush: busy.each - busy.frames * smallFrame,
  }
}

/**
 * µs of this process for each flush, and frames that clients heard of it.
 *
 * @param {number} members Of each topic.
 * @param {number} atOnce Topics that are told in the same turn.
 */
async function telling(members, atOnce) {
  const topics = clients / members
  const headcount = createHeadcount({ topics: ['video:*'] })
  const server = createServer()
  headcount.attach(server)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  const fleet = new Fleet(1)
  try {
    const place = { protocol: /** @type {const} */ ('phoenix'), host: '127.0.0.1', port: address.port }
    await fleet.setup({ ...place, topics, samples: 0, prefix: 'video:', otherPorts: [] })
    await fleet.burst({ from: 0, to: clients, ...gently })
    /** @param {number} times */
    const tell = async (times) => {
      for (let i = 0; i < times; i += atOnce) {
        const next = now() + Math.max(2, (apart * atOnce) / topics)
        for (let j = i; j < i + atOnce; j++) {
          const topic = `video:${j % topics}`
          if (Math.floor(j / topics) % 2 === 0) headcount.track(topic, 'one more')
          else headcount.untrack(topic, 'one more')
        }
        await sleep(next - now())
      }
      await sleep(200)
    }
    await tell(warm)
    const [{ frames }, before] = [await fleet.tally(), process.cpuUsage()]
    await tell(acts)
    const { user, system } = process.cpuUsage(before)
    return { each: (user + system) / acts, frames: ((await fleet.tally()).frames - frames) / acts }
  } finally {
    await fleet.clear().catch(() => {})
    fleet.stop()
    await headcount.close()
    server.close()
  }
}
