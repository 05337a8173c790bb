import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Returns the text of a file. Throws if there is none. */
type Read = (path: string) => string

const readFile: Read = (path) => readFileSync(path, 'utf8')

/**
 * How many processors this process may use: those of the machine, or fewer if a container or systemd limits its CPU
 * time, which Node 20 ignores, and newer versions ignore below one processor.
 */
export function processors(available = availableParallelism(), read = readFile): number {
  return Math.max(1, Math.min(available, Math.ceil(quota(read))))
}

/** The limit of CPU time, in processors; infinite without one. */
function quota(read: Read): number {
  const numbersOf = (...paths: string[]): number[] => paths.flatMap((path) => read(path).split(' ').map(Number))
  const attempts = [
    () => numbersOf(`/sys/fs/cgroup${/^0::(.*)$/m.exec(read('/proc/self/cgroup'))![1]}/cpu.max`),
    () => numbersOf('/sys/fs/cgroup/cpu.max'),
    () => numbersOf('/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu/cpu.cfs_period_us'),
  ]
  for (const attempt of attempts) {
    try {
      const [time = 0, period = 0] = attempt()
      if (time > 0 && period > 0) return time / period
    } catch {} // another version of cgroups, or another system
  }
  return Number.POSITIVE_INFINITY
}
