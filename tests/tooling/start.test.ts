import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '@headcount/tools/processes/free-port.mjs'
import { expect, test } from 'vitest'

test('npm start ends its server with itself, although npm sends SIGTERM only to its shell', {
  timeout: 120_000,
}, async () => {
  const port = await freePort()
  const healthz = async () =>
    (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.status ?? 'no answer'
  // In a separate process group, so that nothing is left in any case.
  const npm = spawn('npm', ['start', '--', '--port', String(port)], { detached: true, stdio: 'ignore' })
  try {
    await expect.poll(healthz, { timeout: 90_000, interval: 100 }).toBe(200)
    const exited = once(npm, 'exit')
    npm.kill('SIGTERM')
    await exited
    await expect.poll(healthz, { timeout: 10_000, interval: 100 }).toBe('no answer')
  } finally {
    try {
      process.kill(-Number(npm.pid), 'SIGKILL')
    } catch {
      // All processes have exited.
    }
  }
})
