import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { until } from '@headcount/testing'
import { listen } from '@headcount/tools/live/listen.mjs'
import { runHeadcount } from '@headcount/tools/processes/server.mjs'
import { describe, expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { startWorkers, workerPids } from '../support/workers.js'

const failStart = new URL('./fail-start.mjs', import.meta.url)
const cleanup = cleanups()

const portInUse = async () => Number(new URL(await listen(() => {})).port)

/** The exit code and the output of `headcount serve`, with a fault in the second worker. */
async function run(line: string, fault = '') {
  const env = { START_FAULT: fault, NODE_OPTIONS: `--import=${failStart.href}`, HEADCOUNT_LOG_LEVEL: 'error' }
  const child = runHeadcount(['serve', ...line.split(' ')], { env })
  const { code } = await child.exited
  return { code, output: child.output }
}

const inUse = (port: number) =>
  `headcount: port ${port} of 127.0.0.1: expected a free port, got one that another program listens on (EADDRINUSE); ` +
  'choose another with --port\n'

describe('workers that cannot start', () => {
  it('report once that the port is in use', async () => {
    const port = await portInUse()
    expect(await run(`--workers 3 --port ${port}`)).toEqual({ code: 1, output: inUse(port) })
  })

  it('report once the error of one worker, and all exit', async () => {
    const port = await portInUse()
    expect(await run('--workers 3 --port 0', `port ${port}`)).toEqual({ code: 1, output: inUse(port) })
  })

  it('report the exit code of a worker that exits early', async () => {
    const { code, output } = await run('--workers 3 --port 0', 'exit')
    expect(code).toBe(1)
    expect(output).toMatch(/^headcount: .*worker 2 .*\(exit code 7\)\n/)
  })

  it('report an invalid setting once', async () => {
    const { code, output } = await run('--workers 0')
    expect(code).toBe(1)
    expect(output).toMatch(/^headcount: --workers: expected .*, got 0\n$/)
  })
})

describe('workers in a container', () => {
  it('have no room for sockets where all processes together use its memory', async () => {
    const code = `import cluster from 'node:cluster'
      process.constrainedMemory = () => 300_000_000
      const allocate = () => { globalThis.kept = Buffer.alloc(250_000_000, 1) }
      process.on('SIGUSR2', () => cluster.isPrimary && allocate())`
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }
    const server = await startWorkers(2, [], { env })
    cleanup(() => server.kill())
    const readiness = async () => (await fetch(`${server.url}/readyz`)).text()
    expect(await readiness()).toContain('ready')
    server.child.signal('SIGUSR2')
    await until('no room', async () => (await readiness()).includes('"memory"'), { got: readiness })
  })
})

describe('--workers auto', () => {
  it('starts a worker per processor, with the same command line and no secret in it', async () => {
    const secret = 'a planted secret of thirty-two bytes'
    const child = runHeadcount(['serve', '--workers', 'auto', '--port', '0'], { env: { HEADCOUNT_SECRET: secret } })
    cleanup(() => child.stop())
    const size = availableParallelism()
    const started = (output: string) => workerPids({ output }).filter(Boolean).length === (size === 1 ? 0 : size)
    await child.until('all listened', (output) => output.includes('Headcount is at http://') && started(output))
    const pids = workerPids(child)
    expect(child.output.match(/Headcount is at/g)).toHaveLength(1)
    for (const pid of pids) {
      const line = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
      expect(line).toMatch(/headcount\.js serve --workers auto --port 0\n$/)
      expect(line).not.toContain('planted')
    }
  })
})
