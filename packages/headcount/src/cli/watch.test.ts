import { createHeadcount } from '@headcount/server'
import { until } from '@headcount/testing'
import { LiveServer } from '@headcount/tools/live/live-server.mjs'
import { expect, test } from 'vitest'
import { CommandLine } from '../test/command-line.js'

const commandLine = new CommandLine()
const start = () => LiveServer.start(createHeadcount)
const http = (url: string) => url.replace(/^ws/, 'http').replace(/\/socket$/, '')

/** Runs `headcount watch` until `act` is done. @returns the exit code. */
async function watching(line: string, act: () => Promise<unknown>, env: Readonly<Record<string, string>> = {}) {
  const running = commandLine.run(`watch ${line}`, env)
  await act()
  commandLine.stop()
  return running
}

const printed = (pattern: RegExp) =>
  until(`${pattern}`, () => commandLine.printed.some((text) => pattern.test(text)), {
    got: () => commandLine.printed,
  })

test('prints a line for each change, and exits with 0 when it is asked to stop', async () => {
  const server = await start()
  const code = await watching(`video:42 lobby --url ${http(server.url)}`, async () => {
    await printed(/^\d{4}-\d\d-\d\dT[\d:.]+Z lobby 0 users, 0 viewers$/)
    server.track('video:42', 'kiosk')
    await printed(/ video:42 0 users, 1 viewers$/)
  })
  expect(code).toBe(0)
  expect(commandLine.errors).toEqual([])
})

test('--json prints each change as JSON, and HEADCOUNT_URL is the default server', async () => {
  const server = await start()
  await watching('video:42 --json', () => printed(/^\{/), { HEADCOUNT_URL: `${http(server.url)}/` })
  expect(JSON.parse(commandLine.printed[0]!)).toEqual({
    at: expect.stringMatching(/Z$/),
    topic: 'video:42',
    counts: { users: { count: 0 }, viewers: { count: 0 } },
  })
})

test('draws one table in a terminal, over the last one', async () => {
  const server = await start()
  const written: string[] = []
  commandLine.terminal = { columns: () => 60, write: (text) => void written.push(text) }
  await watching(`video:42 --url ${http(server.url)}`, async () => {
    await until('a table', () => written.length > 0)
    server.track('video:42', 'kiosk')
    await until('the change', () => written.at(-1)!.includes('1 viewers'))
  })
  expect(written.slice(1).every((text) => text.startsWith('\x1b[1A\x1b[J'))).toBe(true)
  expect(written.every((text) => text.endsWith('\n'))).toBe(true)
})

test('says that the server is away, and goes on when it is back', async () => {
  const server = await start()
  await watching(`video:42 --url ${http(server.url)}`, async () => {
    await printed(/ 0 viewers$/)
    await server.stop()
    await until('an error', () => commandLine.errors.some((text) => /^headcount: .+; trying again$/.test(text)))
    await server.resume()
    server.track('video:42', 'kiosk')
    await printed(/ 1 viewers$/)
  })
})

test.each([
  ['', 'expected one topic or more, got none'],
  ['lobby --url nowhere', '--url: expected a URL such as http://localhost:4000, got "nowhere"'],
  ['lobby --json=yes', '--json: expected no value, got "yes"'],
  ['lobby --jsn', 'expected a known flag, got --jsn; did you mean --json?'],
  [Array(101).fill('lobby').join(' '), 'expected at most 100 topics, got 101'],
])('"headcount watch %s" is refused', async (line, message) => {
  expect(await commandLine.run(`watch ${line}`.trim())).toBe(1)
  expect(commandLine.errors).toEqual([`headcount: ${message}`])
})

test('a topic that may not be read has an error, and the others are shown', async () => {
  const server = await LiveServer.start(createHeadcount, { topics: ['video:*'] })
  await watching(`video:42 lobby --url ${http(server.url)}`, () => printed(/ video:42 0 users, 0 viewers$/))
  expect(commandLine.errors).toEqual(['headcount: lobby: no pattern allows this topic'])
})

test('a request that the server refuses ends the command with its reason', async () => {
  const server = await start()
  expect(await commandLine.run(`watch ${'x'.repeat(300)} --url ${http(server.url)}`)).toBe(1)
  expect(commandLine.errors).toEqual([expect.stringMatching(/^headcount: http:.+ answered 4\d\d: /)])
})
