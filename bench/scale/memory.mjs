import { readdirSync, readFileSync } from 'node:fs'

/** A process and all that it has begotten. @param {number} root @returns {number[]} */
export function tree(root) {
  /** @type {Map<number, number[]>} */
  const children = new Map()
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const found = [root]
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found
}

/** @param {string} pid */
function parentOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return undefined
  }
}

/** Bytes of processes, what they share counted once (PSS). @param {readonly number[]} pids */
export function memoryOf(pids) {
  let sum = 0
  for (const pid of pids) {
    try {
      sum += kib(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss')
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum
}

/** Bytes that programs could still take. */
export function availableMemory() {
  return kib(readFileSync('/proc/meminfo', 'utf8'), 'MemAvailable')
}

/**
 * @param {string} text
 * @param {string} name
 */
function kib(text, name) {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024
}
