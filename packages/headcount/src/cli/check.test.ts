import type { RequestListener } from 'node:http'
import { listen } from '@headcount/tools/live/listen.mjs'
import { expect, test, vi } from 'vitest'
import { CommandLine } from '../test/command-line.js'

const commandLine = new CommandLine()
const secret = 'a secret of at least thirty-two bytes'

/** The findings of `headcount check`, as `level name text`, and the exit code. */
async function check(line = '--port 0', env: Readonly<Record<string, string>> = {}) {
  const code = await commandLine.run(`check ${line}`, env)
  return { code, findings: commandLine.printed.map((text) => text.replace(/ {2,}/g, ' ')) }
}

test('a server in memory without tokens passes', async () => {
  const { code, findings } = await check()
  expect(code).toBe(0)
  expect(findings).toEqual([
    expect.stringMatching(/^ok config file none in \//),
    'ok settings valid',
    'ok secrets none is short or cut off',
    expect.stringMatching(/^(ok|warn) files /),
    'ok port any free port of 127.0.0.1',
    'ok tokens not verified: everyone is a viewer',
    'ok engine in memory: one machine',
  ])
})

test('the config file that was read is named', async () => {
  await commandLine.config({ topics: ['video:*'] })
  expect((await check()).findings[0]).toBe('ok config file headcount.config.json')
})

test('invalid settings fail, one line each, and nothing else is checked', async () => {
  const { code, findings } = await check('--port x --lease 1')
  expect({ code, lines: findings.length }).toEqual({ code: 1, lines: 2 })
  for (const finding of findings) expect(finding).toMatch(/^fail settings --(port|lease): expected /)
})

test('warnings do not fail', async () => {
  const { code, findings } = await check('--port 0', { HEADCOUNT_JWT_SECRET: 'short', HEADCOUNT_OTHER: '1' })
  expect(code).toBe(0)
  expect(findings).toContain('warn settings HEADCOUNT_OTHER is ignored: headcount has no such variable')
  expect(findings).toContainEqual(expect.stringMatching(/^warn secrets auth\.secret .* got 5/))
})

test('topic patterns that work otherwise than expected are warnings', async () => {
  await commandLine.config({ topics: [{ pattern: 'a', access: 'users' }] })
  expect((await check()).findings).toContainEqual(
    expect.stringMatching(/^warn settings topic pattern "a" is for those/),
  )
})

test('a port that is taken fails, the operator port too', async () => {
  const { port } = new URL(await listen(() => {}))
  const { code, findings } = await check(`--port 0 --operator-port ${port}`)
  expect(code).toBe(1)
  expect(findings.at(-3)).toMatch(
    /^fail operator port port \d+ of 127\.0\.0\.1: expected a free port.+; choose another with --operator-port$/,
  )
})

test('a Redis that does not answer fails, after the other lines are printed', async () => {
  const checking = check('--port 0 --redis redis://127.0.0.1:1')
  await vi.waitFor(() => expect(commandLine.printed.at(-1)).toMatch(/^ok +tokens /), { timeout: 3_000 })
  expect(commandLine.printed).toHaveLength(6)
  const { code, findings } = await checking
  expect(code).toBe(1)
  expect(findings.slice(6)).toEqual([expect.stringMatching(/^fail engine cannot connect to Redis at 127\.0\.0\.1:1/)])
})

test('receivers of webhooks are counted, but not contacted', async () => {
  let requests = 0
  const url = await listen((_, response) => {
    requests++
    response.end()
  })
  const key = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  await commandLine.config({ webhooks: [{ url, secret: key, allowPrivate: true }] })
  const { findings } = await check()
  expect(findings).toContain('ok webhooks 1 receiver, not tried')
  expect(requests).toBe(0)
})

const key = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
}

test.each<[string, RequestListener, string[]]>([
  ['has a key', (_, response) => response.end(JSON.stringify({ keys: [key] })), ['ok']],
  ['has no keys', (_, response) => response.end('{"keys":[]}'), ['fail']],
  ['answers with a page', (_, response) => response.end('<!doctype html>'), ['fail']],
  ['answers 404', (_, response) => response.writeHead(404).end(), ['fail']],
  [
    'has a clock an hour ahead',
    (_, response) => {
      response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString())
      response.end(JSON.stringify({ keys: [key] }))
    },
    ['ok', 'warn'],
  ],
])('a key server that %s', async (_title, listener, levels) => {
  const { findings } = await check('--port 0', { HEADCOUNT_JWKS_URL: `${await listen(listener)}/keys?planted` })
  const found = findings.filter((finding) => finding.includes(' tokens '))
  expect(found.slice(0, levels.length).map((finding) => finding.split(' ')[0])).toEqual(levels)
  expect(findings.join()).not.toContain('planted')
})

test('an unreachable key server fails with the reason', async () => {
  const { findings } = await check('--port 0', { HEADCOUNT_JWKS_URL: 'http://127.0.0.1:2/keys' })
  expect(findings).toContain(
    'fail tokens expected a JWKS from http://127.0.0.1:2, got: connect ECONNREFUSED 127.0.0.1:2',
  )
})

test('a secret is never shown', async () => {
  const { findings } = await check('--port 0', { HEADCOUNT_JWT_SECRET: secret, HEADCOUNT_SECRET: secret })
  expect(findings.join()).not.toContain(secret)
})
