import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

const flags = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv].map((flag) =>
  flag.replace(/_/g, '-'),
)

/** The size of a space of the heap, in bytes, if a flag of V8 sets it. The last one applies. */
function flagOf(space: 'old' | 'semi'): number | undefined {
  const name = `--max-${space}-space-size=`
  const flag = flags.findLast((each) => each.startsWith(name))
  return flag === undefined ? undefined : Number(flag.slice(name.length)) * 1_048_576
}

const [oldSpace, semiSpace = 0] = [flagOf('old'), flagOf('semi')]

/** In bytes, for what was admitted since the last reading. It does not depend on the size of the heap. */
const reserve = 16 * 1_048_576

/**
 * The larger of two shares, from 0 to 1: of the heap that V8 may use, and of the memory that a container allows its
 * processes.
 */
export function memoryShare(): number {
  const { used_heap_size: used, heap_size_limit: heapLimit } = getHeapStatistics()
  // V8 adds three semi-spaces to its limit. Old objects, by which it fails, cannot use them.
  const limit = Math.max(1, (oldSpace || heapLimit - 3 * semiSpace) - reserve)
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
