import { readdirSync, readFileSync, statSync } from 'node:fs'

/** The file descriptors of this process. Each connection needs one. */
export interface OpenFiles {
  readonly used: number
  /** Their maximum: `ulimit -n`. */
  readonly limit: number
  /** The number reserved for other uses than clients, such as a connection to Redis. */
  readonly reserve: number
}

/** Undefined on other systems than Linux. */
export function openFiles(): OpenFiles | undefined {
  try {
    const limit = Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
    if (Number.isNaN(limit)) return undefined
    // Before Linux 6.2 the folder has no size.
    const used = statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length
    return { used, limit, reserve: Math.min(Math.max(16, Math.floor(limit / 20)), 256) }
  } catch {
    return undefined
  }
}

/** How many more sockets there are files for: some are kept for requests, such as those of a load balancer. */
export function freeFiles(): number {
  const files = openFiles()
  return files === undefined ? Number.POSITIVE_INFINITY : files.limit - files.used - 2 * files.reserve
}
