import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from '@headcount/tools/processes/child.mjs'
import { freePort } from '@headcount/tools/processes/free-port.mjs'
import { pathOf } from '@headcount/tools/processes/programs.mjs'
import { expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { openReplica } from './replica.js'

describeWith('redis', 'where the URL is that of a Redis Sentinel', () => {
  const cleanup = cleanups()

  it('the engine does not open, in words', async () => {
    const port = await freePort()
    const config = join(tmpdir(), `headcount-sentinel-${port}.conf`)
    writeFileSync(config, `port ${port}\nbind 127.0.0.1\n`)
    cleanup(() => rmSync(config))
    const sentinel = new Child(pathOf('redis'), [config, '--sentinel'])
    cleanup(() => sentinel.kill())
    await sentinel.until('it is ready', (output) => output.includes('Sentinel ID is'))
    await expect(openReplica(cleanup, { urls: [`redis://127.0.0.1:${port}`] })).rejects.toThrow(
      'expected a Redis, got a Redis Sentinel: use an address that leads to its master',
    )
  })
})
