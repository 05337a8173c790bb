// A server in a separate process that reports its allocations. Counts change only by calls of `change`.
import { setTimeout as sleep } from 'node:timers/promises'
import { GCProfiler } from 'node:v8'
import { createHeadcount } from '@headcount/server'
import { serveEmbedded } from '@headcount/tools/processes/embedded.mjs'

const interval = Number(process.argv[2])
const flush = { minimum: interval, maximum: interval, framesPerSecond: 1e9, share: 1 }
const limits = { messagesPerSecond: 1e9, bytesPerSecond: 1e12, topicBytes: 2000 }
const { headcount, port } = await serveEmbedded((options) => createHeadcount({ ...options, flush, limits }))
let profiler = new GCProfiler()
let changed = false

const requests = {
  /** Starts a window in which garbage collections are counted. */
  begin() {
    profiler = new GCProfiler()
    profiler.start()
  },
  async collect() {
    for (let i = 0; i < 4; i++) {
      globalThis.gc?.()
      await sleep(20)
    }
  },
  change() {
    changed = !changed
    if (changed) headcount.track('crowd', 'one more')
    else headcount.untrack('crowd', 'one more')
  },
  read() {},
}

process.on('message', async (/** @type {keyof typeof requests} */ name) => {
  await requests[name]()
  const { heapUsed: heap, arrayBuffers: buffers } = process.memoryUsage()
  process.send?.({ heap, buffers, collections: name === 'read' ? profiler.stop().statistics.length : 0 })
})
process.once('disconnect', () => process.exit())
process.send?.({ port })
