import { Client } from '../../load/client.mjs'
import { Fleet, loadProcesses } from '../../load/fleet.mjs'
import { protocols } from '../../load/protocols/protocol.mjs'
import { cpuOf } from '../../measure/cpu.mjs'
import { now, sleep } from '../../measure/now.mjs'
import { gently } from '../../scenarios/scenario.mjs'
import { start } from '../../server/start.mjs'
import { Trial } from '../../trial.mjs'

const [few, all] = [2000, 6000]
const [beating, beats] = [200, 60]

/** What the scenarios of the benchmark do not tell: what a leave, a heartbeat and a topic cost one server. */
export async function measureServer() {
  return { ...(await leavesAndTopics()), ...(await heartbeats()) }
}

/** Each client has a topic of its own; they come in two lots, and go at once. */
async function leavesAndTopics() {
  const fleet = new Fleet(loadProcesses)
  const bench = { fleet, nodeFlags: [], target: undefined, prefix: 'video:', quick: false, seed: 1 }
  const trial = await Trial.begin(bench, 'headcount', { topics: all })
  try {
    await fleet.burst({ from: 0, to: few, ...gently })
    await trial.settle()
    const first = await trial.memory()
    await fleet.burst({ from: few, to: all, ...gently })
    await trial.settle()
    const second = await trial.memory()
    const [pid = 0] = trial.pids
    const before = cpuOf(pid)
    await fleet.clear()
    await sleep(1500)
    const leave = ((cpuOf(pid) - before) / all) * 1e6
    const socketAndTopic = (second.rss - first.rss) / (all - few)
    return { leave, socketAndTopic, base: first.rss - few * socketAndTopic }
  } finally {
    await trial.end()
    fleet.stop()
  }
}

/** Two hundred clients send a heartbeat each, and the next when all were answered. */
async function heartbeats() {
  const server = await start('headcount', {})
  const tally = { frames: 0, bytes: 0, lost: 0, news: 0, changes: 0 }
  let joined = 0
  const around = {
    protocol: protocols.phoenix,
    host: '127.0.0.1',
    port: server.port,
    addressOf: () => undefined,
    tally,
    joined: () => joined++,
    lost: () => {},
  }
  const clients = Array.from({ length: beating }, (_, i) => new Client(i, i, `video:${i}`, around))
  /** @param {() => boolean} reached */
  const until = async (reached) => {
    for (const end = now() + 20_000; !reached(); await sleep(1)) {
      if (now() > end) throw new Error('expected all heartbeats to be answered within 20 s, got fewer')
    }
  }
  try {
    for (const client of clients) client.connect()
    await until(() => joined >= beating)
    await sleep(500)
    const round = async () => {
      const due = tally.frames + beating
      for (const client of clients) client.heartbeat()
      await until(() => tally.frames >= due)
    }
    for (let i = 0; i < 20; i++) await round()
    const [cpu, bytes] = [cpuOf(server.pid), tally.bytes]
    for (let i = 0; i < beats; i++) await round()
    const spent = (cpuOf(server.pid) - cpu) * 1e6
    return { heartbeat: spent / beating / beats, heartbeatBytes: (tally.bytes - bytes) / beating / beats }
  } finally {
    for (const client of clients) client.destroy()
    await server.stop()
  }
}
