import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '@headcount/tools/processes/free-port.mjs'
import { expect, test } from 'vitest'

test('npm start ends its server with itself, though npm tells a SIGTERM to its shell alone', {
  timeout: 120_000,
}, async () => {
  const port = await freePort()
  const healthz = async () =>
    (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.status ?? 'nobody'
  // In a group of its own, so that nothing is left whatever happens.
  const npm = spawn('npm', ['start', '--', '--port', String(port)], {
    detached: true,
    stdio: 'ignore',
  })
  try {
    await expect.poll(healthz, { timeout: 90_000, interval: 100 }).toBe(200)
    const exited = once(npm, 'exit')
    npm.kill('SIGTERM')
    await exited
    await expect.poll(healthz, { timeout: 10_000, interval: 100 }).toBe('nobody')
  } finally {
    try {
      process.kill(-Number(npm.pid), 'SIGKILL')
    } catch {
      // All of it has ended.
    }
  }
})
