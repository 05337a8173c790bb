import { readdirSync, readFileSync } from 'node:fs'

/** Seconds of CPU that a process has used (Linux's schedstat); NaN if unknown. @param {number} pid */
export function cpuOf(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const used = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    return used.reduce((sum, nanoseconds) => sum + Number(nanoseconds), 0) / 1e9
  } catch {
    return Number.NaN
  }
}

/** A process and all its descendants. @param {number} pid @returns {number[]} */
export function processTree(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    return [pid, ...children.map(Number).flatMap(processTree)]
  } catch {
    return [pid]
  }
}

/** Resident memory of a process in bytes. @param {number} pid */
export const rssOf = (pid) => bytesIn(`/proc/${pid}/status`, 'VmRSS')

/** The number of open files and connections of a process; NaN if unknown. @param {number} pid */
export function filesOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return Number.NaN
  }
}

/** Memory of processes in bytes, with shared memory counted once (PSS). @param {readonly number[]} pids */
export const pssOf = (pids) => pids.reduce((sum, pid) => sum + bytesIn(`/proc/${pid}/smaps_rollup`, 'Pss'), 0)

export const availableMemory = () => bytesIn('/proc/meminfo', 'MemAvailable')

/** @param {string} file @param {string} name @returns NaN if there is no such file. */
function bytesIn(file, name) {
  try {
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1]) * 1024
  } catch {
    return Number.NaN
  }
}
