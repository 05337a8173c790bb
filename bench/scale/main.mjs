// `npm run bench:scale -- 100000`: so many sockets in one topic of one server with workers, each shown the exact count.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { Clients } from './clients.mjs'
import { availableMemory, memoryOf, tree } from './memory.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Sockets of one worker: where the limit is 20,000 file descriptors a process, some fewer. */
    each: { type: 'string', default: '18500' },
    /** Joins a second, of all together. */
    rate: { type: 'string', default: '4000' },
    /** Longest flush interval in ms: on two cores a million cannot be told every two seconds. */
    maximum: { type: 'string', default: '30000' },
    out: { type: 'string' },
  },
})
const total = Number(positionals[0] ?? 100_000)
const each = Number(values.each)
const maximum = Number(values.maximum)
const workers = Math.max(2, Math.ceil(total / each))
const topic = 'scale'
/** A heartbeat every 4 minutes, not every 30 s: a million of those would be 33,000 a second. */
const heartbeat = 240

const folder = mkdtempSync(join(tmpdir(), 'headcount-scale-'))
const load = join(folder, 'load')
execFileSync('cc', ['-O2', '-o', load, fileURLToPath(new URL('./load.c', import.meta.url))])
const config = join(folder, 'headcount.config.json')
writeFileSync(
  config,
  JSON.stringify({
    limits: { heartbeat: 3 * heartbeat * 1000 },
    flush: { maximum, framesPerSecond: Math.ceil((each * 1000) / maximum) },
  }),
)
const port = 4000 + Math.floor(Math.random() * 900)
const url = `http://127.0.0.1:${port}`
const headcount = fileURLToPath(new URL('../../packages/headcount/bin/headcount.js', import.meta.url))
const args = ['serve', '--port', String(port), '--workers', String(workers), '--config', config, '--log-level', 'warn']
const began = availableMemory()
const server = spawn(process.execPath, [headcount, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
await new Promise((resolve) => server.stdout.once('data', resolve))
await sleep(2000)
const idle = memoryOf(tree(Number(server.pid)))
const ready = availableMemory()
console.log(
  `${total} sockets, ${workers} workers (Node ${process.version}), ${cpus().length} cores, ${gib(totalmem())} GiB; ready with ${mib(idle)} MiB`,
)

const clients = new Clients(load, { port, total, each: 19_000, rate: Number(values.rate), heartbeat, topic })
try {
  const start = performance.now()
  let full = 0
  for (let said = 0; ; said++) {
    await sleep(1000)
    const now = clients.sum()
    if (said % 10 === 0)
      console.log(
        `${seconds(start)} s: ${now.open} open, ${now.joined} joined, ${now.lost} lost, shown ${now.least} to ${now.most}; ${gib(availableMemory())} GiB free`,
      )
    if (now.joined === total && full === 0) full = performance.now()
    if (now.least === total && now.most === total) break
    if (now.lost > 0) throw new Error(`${now.lost} sockets were lost`)
    if (server.exitCode !== null) throw new Error('the server has ended')
    if (availableMemory() < 400 * 2 ** 20) throw new Error(`no memory is left at ${now.open} sockets`)
  }
  const joinedIn = (full - start) / 1000
  const exactIn = (performance.now() - full) / 1000
  const truth = await (await fetch(`${url}/api/counts/${topic}`)).json()
  await sleep(3000)
  const served = memoryOf(tree(Number(server.pid)))
  const kernel = ready - availableMemory() - (served - idle) - clients.memory
  const before = clients.sum()
  const asked = performance.now()
  // One more comes: everybody is told.
  const more = await oneMore()
  for (;;) {
    await sleep(200)
    const now = clients.sum()
    if (now.least === total + 1 && now.most === total + 1) break
    if (performance.now() - asked > 4 * maximum + 120_000)
      throw new Error(`after one more, clients are shown ${now.least} to ${now.most}`)
  }
  const toldIn = (performance.now() - asked) / 1000
  const after = clients.sum()
  more.terminate()
  const result = {
    sockets: total,
    workers,
    node: process.version,
    maximum,
    joinedIn: round(joinedIn),
    joinsPerSecond: Math.round(total / joinedIn),
    exactIn: round(exactIn),
    http: truth.counts,
    toldIn: round(toldIn),
    toldFrames: after.frames - before.frames,
    serverMiB: mib(served),
    bytesASocket: Math.round((served - idle) / total),
    kernelBytesASocketBothEnds: Math.round(kernel / total),
    loadMiB: mib(clients.memory),
    freeMiB: mib(availableMemory()),
    machineMiB: mib(began),
  }
  console.log(JSON.stringify(result, null, 2))
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`)
} finally {
  clients.end()
  for (const pid of tree(Number(server.pid)).reverse()) kill(pid)
  rmSync(folder, { recursive: true })
}

/** @returns {Promise<WebSocket>} A socket that has joined. */
function oneMore() {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0`)
  socket.on('open', () => socket.send(JSON.stringify(['1', '1', topic, 'phx_join', {}])))
  return new Promise((resolve, reject) => socket.once('message', () => resolve(socket)).once('error', reject))
}

/** @param {number} pid Of a process that this one has started. */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** @param {number} start */
function seconds(start) {
  return Math.round((performance.now() - start) / 1000)
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10
}

/** @param {number} bytes */
function mib(bytes) {
  return Math.round(bytes / 2 ** 20)
}

/** @param {number} bytes */
function gib(bytes) {
  return round(bytes / 2 ** 30)
}
