import { createHeadcount } from '@headcount/server'
import { listen } from '@headcount/tools/live/listen.mjs'
import { serveEmbedded } from '@headcount/tools/processes/embedded.mjs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { CommandLine } from '../test/command-line.js'

const commandLine = new CommandLine()
const key = 'k'.repeat(32)

async function serve() {
  const server = await serveEmbedded(() => createHeadcount({ operatorKey: key }))
  onTestFinished(() => server.stop())
  for (const [topic, size] of [
    ['video:1', 3],
    ['video:2', 12],
    ['room:1', 5],
    ['a\x1b[2J', 1],
  ] as const) {
    for (let i = 0; i < size; i++) server.headcount.track(topic, `person ${i}`)
  }
  await server.headcount.counts('video:1')
  return server.url
}
const withKey = (url: string) => ({ HEADCOUNT_URL: url, HEADCOUNT_OPERATOR_KEY: key })

test('prints the busiest topics once without a terminal', async () => {
  expect(await commandLine.run('top --limit 3', withKey(await serve()))).toBe(0)
  const rows = commandLine.printed.map((line) => line.split(/ +/).slice(0, 2))
  expect(rows).toEqual([
    ['TOPIC', 'COUNT'],
    ['video:2', '12'],
    ['room:1', '5'],
    ['video:1', '3'],
  ])
})

test('--prefix and --json narrow and change the output, and the server cannot control the terminal', async () => {
  const url = await serve()
  await commandLine.run('top --prefix video: --json', withKey(url))
  const [page] = commandLine.printed.map((line) => JSON.parse(line))
  expect(page.topics.map(({ topic }: { topic: string }) => topic)).toEqual(['video:2', 'video:1'])
  commandLine.printed = []
  await commandLine.run('top --prefix a', withKey(url))
  expect(commandLine.printed[1]).toMatch(/^a\\u001b\[2J +1 /)
})

test('draws a table in a terminal until it is stopped, and reports when the server is unreachable', async () => {
  const written: string[] = []
  commandLine.terminal = { columns: () => 60, rows: () => 24, write: (text) => void written.push(text) }
  const away = await serveEmbedded(() => createHeadcount())
  await away.stop()
  const running = commandLine.run('top', { HEADCOUNT_URL: away.url })
  await vi.waitFor(() =>
    expect(written.join('')).toMatch(/ECONNREFUSED \S+; name the server\s.+HEADCOUNT_URL; trying again/s),
  )
  commandLine.stop()
  expect(await running).toBe(0)
})

test('in a terminal, a wrong key is an error at once', async () => {
  commandLine.terminal = { columns: () => 60, rows: () => 24, write: () => {} }
  expect(await commandLine.run('top', { HEADCOUNT_URL: await serve(), HEADCOUNT_OPERATOR_KEY: 'wrong' })).toBe(1)
})

test.each(['top', 'top --json'])(
  '"headcount %s" reports that nothing listens, and how to name the server',
  async (line) => {
    const away = await serveEmbedded(() => createHeadcount())
    await away.stop()
    expect(await commandLine.run(line, { HEADCOUNT_URL: away.url })).toBe(1)
    expect(commandLine.errors).toEqual([
      `headcount: ${away.url}: expected a server, got none (ECONNREFUSED); name the server with --url or HEADCOUNT_URL`,
    ])
  },
)

test('a server that cannot be requested is reported with the reason', async () => {
  expect(await commandLine.run('top', { HEADCOUNT_URL: 'http://127.0.0.1:1' })).toBe(1)
  expect(commandLine.errors).toEqual([expect.stringContaining('expected a server, got none (bad port); ')])
})

test('a failing server is reported with its reason, without a stack', async () => {
  const url = await listen((_, response) => response.writeHead(503).end())
  expect(await commandLine.run('top', { HEADCOUNT_URL: url })).toBe(1)
  expect(commandLine.errors).toEqual([`headcount: ${url}: status 503`])
})

test.each([
  ['top', { HEADCOUNT_OPERATOR_KEY: 'wrong' }, 'the server does not accept the key in HEADCOUNT_OPERATOR_KEY'],
  ['top', {}, "this route requires the operator's key as a bearer token (HEADCOUNT_OPERATOR_KEY)"],
  ['top --sort x', { HEADCOUNT_OPERATOR_KEY: key }, 'sort: expected count or joins'],
  ['top --limit 0', { HEADCOUNT_OPERATOR_KEY: key }, 'limit: expected 1 to 100'],
])('"headcount %s" with %j is refused', async (line, env, message) => {
  expect(await commandLine.run(line, { HEADCOUNT_URL: await serve(), ...env })).toBe(1)
  expect(commandLine.errors).toEqual([expect.stringContaining(message)])
})

test.each([
  ['of any size', `{"topics":["${'x'.repeat(2 ** 21)}"]}`],
  ['with numbers that are texts', '{"topics":[{"topic":"a","count":"\\u001b[2J","joins":0}]}'],
  ['with a text for joins', '{"topics":[{"topic":"a","count":1,"joins":"0"}]}'],
  ['of something else', '{"topics":[null]}'],
  ['that is no JSON', '<!doctype html>'],
])('an answer %s is refused', async (_title, body) => {
  const url = await listen((_, response) => response.end(body))
  expect(await commandLine.run('top', { HEADCOUNT_URL: url })).toBe(1)
  expect(commandLine.errors).toEqual([`headcount: ${url}: status 200`])
})

test('--url must be one of a server', async () => {
  expect(await commandLine.run('top --url ftp://a')).toBe(1)
  expect(commandLine.errors[0]).toContain('--url: expected a URL such as http://localhost:4000, got "ftp://a"')
})
