import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second of /proc/<pid>/stat: a constant of Linux's interface to programs. */
const ticks = 100

/**
 * CPU seconds that a process and all its children have spent so far, as the system counts them: to the nanosecond from
 * /proc/<pid>/task/<thread>/schedstat, and where the kernel keeps none to the 1/100 s from /proc/<pid>/stat. NaN where there is no
 * /proc.
 *
 * @param {number} pid
 */
export function cpuOfTree(pid) {
  return tree(pid).reduce((sum, one) => sum + cpuOf(one), 0)
}

/** @param {number} pid @returns {number} */
export function cpuOf(pid) {
  try {
    let nanoseconds = 0
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    }
    if (nanoseconds > 0) return nanoseconds / 1e9
  } catch {
    // No schedstat, or a thread that has just ended.
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in brackets and may hold spaces; user and system time are the 12th and 13th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticks
  } catch {
    return process.platform === 'linux' ? 0 : Number.NaN
  }
}

/** A process and its children, and theirs. @param {number} pid @returns {number[]} */
export function tree(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return [pid, ...children.split(' ').filter(Boolean).map(Number).flatMap(tree)]
  } catch {
    return [pid]
  }
}
