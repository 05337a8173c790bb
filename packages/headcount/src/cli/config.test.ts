import { expect, test } from 'vitest'
import { settings } from '../settings/definitions.js'
import { CommandLine } from '../test/command-line.js'

const commandLine = new CommandLine()

/** The printed row of a setting: its source and its value. */
function rowOf(path: string): readonly string[] | undefined {
  const rows = commandLine.printed.map((line) => line.split(/ {2,}/))
  return rows.find(([name]) => name === path)?.slice(1)
}

test('shows every setting, its source and its value', async () => {
  await commandLine.config({ topics: ['video:*'], limits: { sockets: 5 } })
  expect(await commandLine.run('config --settle 7', { HEADCOUNT_LEASE: '500' })).toBe(0)
  expect(commandLine.printed).toHaveLength(settings.length)
  expect(rowOf('topics')).toEqual(['topics in headcount.config.json', '["video:*"]'])
  expect(rowOf('limits.sockets')).toEqual(['limits.sockets in headcount.config.json', '5'])
  expect(rowOf('settle')).toEqual(['--settle', '7'])
  expect(rowOf('lease')).toEqual(['HEADCOUNT_LEASE', '500'])
  expect(rowOf('port')).toEqual(['default', '4000'])
})

test('describes what happens without a value', async () => {
  await commandLine.run('config')
  expect(rowOf('redis')).toEqual(['default', '(in memory)'])
  expect(rowOf('origins')).toEqual(['default', "(the server's own)"])
  expect(commandLine.printed.filter((line) => line.includes('undefined') || line.includes('(not set)'))).toEqual([])
})

test('shows the effective source', async () => {
  await commandLine.config({ port: 1 })
  await commandLine.run('config --port 3', { HEADCOUNT_PORT: '2' })
  expect(rowOf('port')).toEqual(['--port', '3'])
})

test.each(['config', 'config --json'])('"headcount %s" shows no secret and no password', async (line) => {
  const secrets = settings.filter(({ secret }) => secret)
  const env = Object.fromEntries(secrets.map(({ env }) => [env, 'whsec_plantedSecretOfMoreThanThirtyTwoBytes']))
  const urls = 'redis://name:planted@a:1,redis://name:planted@b:2'
  expect(await commandLine.run(line, { ...env, HEADCOUNT_REDIS_URL: urls })).toBe(0)
  const text = commandLine.printed.join('\n')
  expect(text).toContain('redis://…@b:2')
  expect(text.match(/\(set, not shown\)/g)).toHaveLength(secrets.length)
  expect(text).not.toContain('planted')
})

test('the secrets of webhooks are not shown', async () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  await commandLine.config({ webhooks: [{ url: 'https://example.com', secret }] })
  await commandLine.run('config')
  expect(rowOf('webhooks')).toEqual([
    'webhooks in headcount.config.json',
    '[{"url":"https://example.com","secret":"(set)"}]',
  ])
})

test('possible secrets in a URL are not shown: its query, and the path of a webhook', async () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const urls = ['https://a.example/services/planted?planted', 'https://b.example?planted#planted', 'https://c.example/']
  await commandLine.config({
    auth: { jwksUrl: 'https://id.example/jwks?key=planted' },
    webhooks: [...urls.map((url) => ({ url, secret, topics: ['x?y'] })), 'https://d.example/planted'],
    webhookSecret: secret,
  })
  expect(await commandLine.run('config')).toBe(0)
  expect(commandLine.printed.join('\n')).not.toContain('planted')
  expect(rowOf('auth.jwksUrl')?.[1]).toBe('"https://id.example/jwks?…"')
  const rest = '"secret":"(set)","topics":["x?y"]'
  const shown = ['https://a.example/…', 'https://b.example/…', 'https://c.example/']
  const objects = shown.map((url) => `{"url":"${url}",${rest}}`)
  expect(rowOf('webhooks')?.[1]).toBe(`[${objects},"https://d.example/…"]`)
})

test('possible secrets in an invalid URL are not shown in its error', async () => {
  await commandLine.config({ auth: { jwksUrl: 'ftp://id.example/?planted' }, redis: ['http://a?planted'] })
  expect(await commandLine.run('config')).toBe(1)
  expect(commandLine.errors.join('\n')).toContain('"ftp://id.example/?…"')
  expect(commandLine.errors.join('\n')).not.toContain('planted')
})

test('--json prints an object by setting', async () => {
  await commandLine.run('config --json --port 5')
  expect(JSON.parse(commandLine.printed.join('\n'))).toMatchObject({ port: { value: '5', source: '--port' } })
})

test('invalid settings are an error, and warnings do not mix with the output', async () => {
  expect(await commandLine.run('config --port x')).toBe(1)
  expect(commandLine.errors).toEqual(['headcount: --port: expected a whole number from 0 to 65535, got "x"'])
  commandLine.errors = []
  await commandLine.run('config', { HEADCOUNT_SOMETHING_ELSE: '1' })
  expect(commandLine.errors).toEqual(['warning: HEADCOUNT_SOMETHING_ELSE is ignored: headcount has no such variable'])
})
