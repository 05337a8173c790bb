import { readFileSync, rmSync } from 'node:fs'

/**
 * Memory of a server after a collection, in bytes: what the system holds for it (RSS) and what its heap holds. Without a probe
 * in it (C, or a peer by URL) only the first.
 *
 * @param {{ pid: number, folder: string, probed: boolean }} server
 */
export async function memoryOf({ pid, folder, probed }) {
  if (!probed) return { rss: rssOf(pid), heap: 0 }
  const file = `${folder}/${pid}.json`
  rmSync(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (let tries = 0; tries < 500; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    const heap = heapIn(file)
    if (heap !== undefined) return { rss: rssOf(pid), heap }
  }
  throw new Error(`expected the probe in process ${pid} to answer within 10 s, got nothing`)
}

/** @param {number} pid */
export function rssOf(pid) {
  try {
    const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return Number(line?.[1] ?? 0) * 1024
  } catch {
    return Number.NaN
  }
}

/** @param {string} file */
function heapIn(file) {
  try {
    return Number(JSON.parse(readFileSync(file, 'utf8')).heapUsed)
  } catch {
    return undefined
  }
}
