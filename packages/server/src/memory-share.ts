import { getHeapStatistics } from 'node:v8'

/**
 * The larger of two shares, from 0 to 1: of the heap that V8 may use, and of the memory that a container allows the
 * process.
 */
export function memoryShare(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  const constrained = process.constrainedMemory?.() ?? 0
  // Without a limit, some systems report petabytes.
  const ofProcess = constrained > 0 ? process.memoryUsage.rss() / constrained : 0
  return Math.max(used / limit, ofProcess)
}
