import { until } from '@headcount/testing'
import { test } from 'vitest'
import { errorRows } from '../test/error-rows.js'
import { RawClient } from '../test/raw-client.js'
import { type Served, serve } from '../test/serve.js'
import type { CutOff } from './pipelines.js'

const provocations: Record<CutOff, () => Promise<Served>> = {
  async stalled() {
    const groups = Array.from({ length: 1_000 }, (_, i) => `a group with a long name ${i}`)
    const served = await serve({ groups, http: { stallTimeout: 100 } })
    const client = new RawClient(served.port)
    client.socket.pause()
    const path = `/api/counts?${Array.from({ length: 99 }, (_, i) => `topic=${i}`).join('&')}`
    client.get(...Array(10).fill(path))
    return served
  },
  async pipelined() {
    const served = await serve()
    new RawClient(served.port).get(...Array(200).fill('/healthz'))
    return served
  },
  async chunked() {
    const served = await serve()
    const head = 'POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
    new RawClient(served.port).socket.write(head + '1\r\nx\r\n'.repeat(300))
    return served
  },
  async overloaded() {
    const served = await serve({ limits: { memoryShare: 1e-9 } })
    new RawClient(served.port).get(`/healthz?${'x'.repeat(8_000)}`)
    return served
  },
}
test.each(errorRows('HTTP connections', provocations))('%s is counted', async (code) => {
  const { metric } = await provocations[code as CutOff]()
  await until('a cut off', async () => (await metric(`http_refused_total{code="${code}"}`)) === 1)
})
