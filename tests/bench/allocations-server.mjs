import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { GCProfiler } from 'node:v8'
import { createHeadcount } from '@headcount/server'

// A server in a process of its own that says what it allocates, and that tells only when it should: between nudges nothing moves.
const interval = Number(process.argv[2])
const flush = { minimum: interval, maximum: interval, framesPerSecond: 1e9, share: 1 }
const headcount = createHeadcount({ flush, limits: { messagesPerSecond: 1e9 } })
await headcount.ready
const server = createServer((request, response) => headcount.handle(request, response))
headcount.attach(server)
server.listen(0, '127.0.0.1', () => process.send?.({ port: /** @type {any} */ (server.address()).port }))

/** @type {GCProfiler | undefined} */
let profiler
let nudged = false

const acts = {
  /** A window begins: from here on collections are counted. */
  begin() {
    profiler = new GCProfiler()
    profiler.start()
    return memory()
  },
  /** And ends. */
  end() {
    const now = memory()
    return { ...now, collections: profiler?.stop()?.statistics.length ?? 0 }
  },
  /** What is left after collections. */
  async collect() {
    for (let i = 0; i < 4; i++) {
      globalThis.gc?.()
      await sleep(20)
    }
    return memory()
  },
  /** Moves the count of the topic by one. */
  nudge() {
    nudged = !nudged
    if (nudged) headcount.track('crowd', 'nudge')
    else headcount.untrack('crowd', 'nudge')
  },
}

/** In bytes: on V8's heap, and in buffers beside it. */
function memory() {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heap: heapUsed, buffers: arrayBuffers }
}

process.on('message', async (/** @type {keyof typeof acts} */ act) => process.send?.((await acts[act]()) ?? {}))
process.once('disconnect', () => process.exit())
