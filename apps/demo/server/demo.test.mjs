import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
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

test('its own settings cause no warning', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  const demo = await startDemo(/** @type {import('./options.mjs').DemoOptions} */ (parseOptions(['--port', '0'], {})))
  await demo.close()
  expect(write.mock.calls).toEqual([])
})

const operatorKey = 'an operator key of 32 characters'.replaceAll(' ', '-')

test.each([
  [{}, /^(http:.*)\/dashboard#key=(\S+)$/],
  [{ HEADCOUNT_OPERATOR_KEY: operatorKey }, /^(http:.*)\/dashboard$/],
])('with %j, the key of the link to the dashboard opens the routes of operators', async (env, link) => {
  const options = /** @type {import('./options.mjs').DemoOptions} */ (parseOptions(['--port', '0'], env))
  const demo = await startDemo(options)
  onTestFinished(demo.close)
  const [, url = '', key = operatorKey] = link.exec(demo.dashboard) ?? []
  const status = async (/** @type {string} */ key) =>
    (await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${key}` } })).status
  expect(await status(key)).toBe(200)
  expect(await status('another')).toBe(401)
})
