import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createHeadcount } from '../headcount.js'
import { policyOf } from './dashboard.js'

test('the policy of the dashboard allows its own script and style, and requests to its server', () => {
  const policy = policyOf('<style>a{}</style><p>no</p><script type="module">let b</script>')
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hash('let b')}`,
    `style-src ${hash('a{}')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
})

test('operators get the settings that the application provides, and there is no default', async () => {
  const key = 'k'.repeat(32)
  const get = async (headcount: ReturnType<typeof createHeadcount>, bearer = key) =>
    headcount.fetch(new Request('http://x/api/settings', { headers: { authorization: `Bearer ${bearer}` } }))
  const settings = [{ path: 'port', value: '4000', source: '--port' }]
  const configured = createHeadcount({ operatorKey: key, settings })
  expect(await (await get(configured)).json()).toEqual({ settings })
  configured.reload({ settings: [] })
  expect(await (await get(configured)).json()).toEqual({ settings: [] })
  expect((await get(configured, 'another')).status).toBe(401)
  const silent = createHeadcount({ operatorKey: key })
  expect((await get(silent)).status).toBe(404)
  await Promise.all([configured.close(), silent.close()])
})
