import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startDemo } from './demo.mjs'
import { parseOptions } from './options.mjs'

test('a port in use is refused in one line that names --port', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (other.address())
  const options = /** @type {import('./options.mjs').DemoOptions} */ (parseOptions(['--port', String(port)], {}))
  await expect(startDemo(options)).rejects.toThrow(
    new Error(`port ${port} of 127.0.0.1 is in use; pick another one with --port`),
  )
})
