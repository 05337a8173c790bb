import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { availableParallelism } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runHeadcount } from '../support/server.mjs'
import { pidsOf } from './server.js'

const fault = new URL('./fault.mjs', import.meta.url)
let taken: Server
let port: number

beforeEach(async () => {
  taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  port = (taken.address() as AddressInfo).port
})
afterEach(() => void taken.close())

/** How `headcount serve` ends, and all that it said; the second worker may fail as it starts. */
async function ended(line: string, FAULT = '') {
  const env = { FAULT, NODE_OPTIONS: `--import=${fault.href}`, HEADCOUNT_LOG_LEVEL: 'error' }
  const child = runHeadcount(['serve', ...line.split(' ')], env)
  const { code } = await child.exited
  return { code, output: child.output }
}

const inUse = () =>
  `headcount: port ${port} of 127.0.0.1: expected a free port, got one that another program listens on (EADDRINUSE)\n`

describe('workers that cannot start', () => {
  it('say once that the port is taken', async () => {
    expect(await ended(`--workers 3 --port ${port}`)).toEqual({ code: 1, output: inUse() })
  })

  it('say once what one of them could not do, and none is left', async () => {
    expect(await ended('--workers 3 --port 0', `port ${port}`)).toEqual({ code: 1, output: inUse() })
  })

  it('say how one of them ended', async () => {
    const { code, output } = await ended('--workers 3 --port 0', 'exit')
    expect(code).toBe(1)
    expect(output).toMatch(/^headcount: Error: worker 2: expected it to listen, got its end \(exit code 7\)\n/)
  })

  it('say once which setting is wrong', async () => {
    const output = 'headcount: --workers: expected a whole number from 1 to 256, or auto, got 0\n'
    expect(await ended('--workers 0')).toEqual({ code: 1, output })
  })
})

describe('workers auto', () => {
  it('are as many as the machine has processors, run the same command, and show no secret in it', async () => {
    const secret = 'a planted secret of thirty-two bytes'
    const child = runHeadcount(['serve', '--workers', 'auto', '--port', '0', '--demo'], {
      HEADCOUNT_SECRET: secret,
    })
    try {
      await child.until('its address', (output) => output.includes('Headcount is at http://'))
      const pids = pidsOf(child)
      const size = availableParallelism()
      expect(pids).toHaveLength(size === 1 ? 0 : size)
      expect(child.output.match(/Headcount is at/g)).toHaveLength(1)
      for (const pid of pids) {
        const line = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
        expect(line).toMatch(/headcount\.js serve --workers auto --port 0 --demo\n$/)
        expect(line).not.toContain('planted')
      }
    } finally {
      await child.stop()
    }
  })
})
