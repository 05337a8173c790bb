import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/** V8's limit of old objects, in bytes, if one is set. V8 adds the space of new ones to it in `heap_size_limit`. */
const maxOldSpace = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv].reduce((limit, flag) => {
  const megabytes = /^--max[-_]old[-_]space[-_]size=(\d+)$/.exec(flag)?.[1]
  return megabytes === undefined ? limit : Number(megabytes) * 1_048_576
}, Number.POSITIVE_INFINITY)

/** In bytes, for what was admitted since the last reading. It does not depend on the size of the heap. */
const reserve = 16 * 1_048_576

/**
 * The larger of two shares, from 0 to 1: of the heap that V8 may use, and of the memory that a container allows its
 * processes.
 */
export function memoryShare(): number {
  const { used_heap_size: used, heap_size_limit: heapLimit } = getHeapStatistics()
  const limit = Math.min(heapLimit, maxOldSpace) - reserve
  const constrained = process.constrainedMemory?.() ?? 0
  // Without a limit, some systems report petabytes.
  const isContainer = constrained > 0 && constrained <= totalmem()
  const ofContainer = isContainer ? usedMemory() / constrained : 0
  return Math.max(used / limit, ofContainer)
}

/** The memory that the process uses, in bytes; for a worker of node:cluster with that of its primary and siblings. */
function usedMemory(): number {
  const own = process.memoryUsage.rss()
  if (!cluster.isWorker) return own
  try {
    const primary = String(process.ppid)
    const workers = readFileSync(`/proc/${primary}/task/${primary}/children`, 'utf8').trim().split(' ')
    const others = [primary, ...workers].filter((pid) => pid !== String(process.pid))
    return others.reduce((sum, pid) => sum + anonymousMemory(pid), own)
  } catch {
    return own // another system than Linux, or a worker that has just exited
  }
}

/** In bytes. The rest is mostly the code of Node, which processes share. */
function anonymousMemory(pid: string): number {
  return 1024 * Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
}
