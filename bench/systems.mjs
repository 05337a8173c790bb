import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sleep } from '../tools/load/time.mjs'
import { Child } from '../tools/processes/child.mjs'
import { startServer } from '../tools/processes/server.mjs'
import { Service, startOnFreePort } from '../tools/processes/service.mjs'
import { serverLauncher } from './pin.mjs'
import { rssOf } from './process-stats.mjs'

/**
 * @typedef {object} System
 * @property {string} label
 * @property {import('../tools/load/protocols.mjs').ProtocolName} protocol
 * @property {readonly string[]} [script] Of a peer: a file of bench/peers and its arguments after the port.
 * @property {number} [heartbeat] Of its clients, in ms. Default: 30,000, as stock clients.
 * @property {readonly string[]} [args] Of Headcount. With several processes, their memory is unknown.
 * @property {string} [program] The program that runs the script, if not Node: its heap is then unknown.
 *
 * @typedef {{ args?: readonly string[], env?: NodeJS.ProcessEnv, nodeFlags?: readonly string[], config?: object }}
 *   StartOptions More arguments and variables; Headcount's config file.
 */

/** The systems to measure. @satisfies {Record<string, System>} */
export const systems = {
  headcount: { label: 'Headcount', protocol: 'phoenix' },
  'headcount-clients': { label: 'Headcount, heartbeats of its own client', protocol: 'phoenix', heartbeat: 24_000 },
  'headcount-polls': { label: 'Headcount, long polls', protocol: 'longPoll' },
  'headcount-polls-workers': {
    label: 'Headcount, long polls, two workers',
    protocol: 'longPoll',
    args: ['--workers', '2'],
  },
  socketio: { label: 'socket.io, as in tutorials', protocol: 'socketio', script: ['socketio.mjs'] },
  'socketio-fair': { label: 'socket.io, coalesced', protocol: 'socketio', script: ['socketio.mjs', 'fair'] },
  ws: { label: 'ws, as in tutorials', protocol: 'plain', script: ['ws.mjs'] },
  'ws-fair': { label: 'ws, coalesced and pre-framed', protocol: 'plain', script: ['ws.mjs', 'fair'] },
  phoenix: { label: 'Phoenix, as in the article', protocol: 'phoenix', script: ['phoenix.exs'], program: 'elixir' },
  floor: { label: 'lower bound: one send() per frame', protocol: 'raw' },
}

/** @typedef {keyof typeof systems} SystemName */
/** @typedef {Awaited<ReturnType<typeof startSystem>>} Server */

/** @param {string} path */
const file = (path) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Starts a system on core 1; it accepts connections when this resolves.
 * @param {SystemName} name
 * @param {StartOptions} options
 */
export async function startSystem(name, { args = [], env = {}, nodeFlags = [], config = {} }) {
  const own = /** @type {System} */ (systems[name])
  const folder = mkdtempSync(join(tmpdir(), 'headcount-bench-'))
  writeFileSync(join(folder, 'headcount.config.json'), JSON.stringify(config))
  const flags = ['--expose-gc', '--require', file('./probe.cjs'), ...nodeFlags]
  const run = { cwd: folder, env: { ...env, BENCH_FOLDER: folder } }
  const service = name.startsWith('headcount')
    ? await startServer([...(own.args ?? []), ...args], { ...run, nodeFlags: flags, launcher: serverLauncher })
    : await startOnFreePort((port) => {
        const { script: [script = '', ...more] = [], program: other } = own
        const peer = [...(other ? [other] : [process.execPath, ...flags]), file(`./peers/${script}`), String(port)]
        const floor = join(folder, 'floor')
        if (name === 'floor') execFileSync('cc', ['-O2', '-o', floor, file('./peers/floor.c')])
        const command = name === 'floor' ? [floor, String(port), ...args] : [...peer, ...more]
        const [program = '', ...rest] = [...serverLauncher, ...command]
        const launch = () => new Child(program, rest, { ...run, env: { ...process.env, ...run.env } })
        return new Service(port, launch, (output) => output.includes('ready'))
      })
  return {
    name,
    url: `ws://127.0.0.1:${service.port}`,
    pid: service.pid,
    log: () => service.output,
    /** After a collection. */
    memory: async () => {
      const unknown = { heapUsed: Number.NaN, external: Number.NaN }
      const { heapUsed, external } = own.program || own.args ? unknown : await probed(service.pid, folder)
      const rss = own.args ? Number.NaN : rssOf(service.pid)
      return { 'RSS, MB': rss / 1e6, 'heap, MB': heapUsed / 1e6, 'buffers, MB': external / 1e6 }
    },
    /** Other resources: the number of timers, and the kinds of the others. */
    left: async () => (await probed(service.pid, folder)).left,
    /** @param {NodeJS.Signals} signal */
    signal: (signal) => service.child.signal(signal),
    /** Kills it: draining is not measured. If Node writes a profile at exit, it is stopped normally. */
    async stop() {
      await (nodeFlags.some((flag) => /-prof\b/.test(flag)) ? service.stop() : service.kill())
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * @param {number} pid
 * @param {string} folder The folder of the probe in the process.
 * @returns {Promise<NodeJS.MemoryUsage & { left: { timers: number, resources: string[] } }>}
 */
async function probed(pid, folder) {
  const written = join(folder, `${pid}.json`)
  rmSync(written, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (let tries = 0; tries < 500; tries++) {
    await sleep(20)
    if (existsSync(written)) return JSON.parse(readFileSync(written, 'utf8'))
  }
  throw new Error(`the probe in process ${pid} did not answer within 10 s`)
}
