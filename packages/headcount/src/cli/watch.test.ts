import type { ServerResponse } from 'node:http'
import { createHeadcount } from '@headcount/server'
import { until } from '@headcount/testing'
import { listen } from '@headcount/tools/live/listen.mjs'
import { LiveServer } from '@headcount/tools/live/live-server.mjs'
import { describe, expect, test } from 'vitest'
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
  until(`${pattern}`, () => commandLine.printed.some((text) => pattern.test(text)), { got: () => commandLine.printed })

test('prints a line for each change, and exits with 0 when it is asked to stop', async () => {
  const server = await start()
  const code = await watching(`video:42 lobby --url ${http(server.url)}`, async () => {
    await printed(/^\d{4}-\d\d-\d\dT[\d:.]+Z lobby 0 users, 0 viewers$/)
    server.track('video:42', 'kiosk')
    await printed(/ video:42 0 users, 1 viewer$/)
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
  commandLine.terminal = { columns: () => 60, rows: () => 24, write: (text) => void written.push(text) }
  await watching(`video:42 --url ${http(server.url)}`, async () => {
    await until('a table', () => written.length > 0)
    server.track('video:42', 'kiosk')
    await until('the change', () => written.at(-1)!.includes('1 viewer'))
  })
  expect(written.slice(1).every((text) => text.startsWith('\x1b[1A\x1b[J'))).toBe(true)
  expect(written.every((text) => text.endsWith('\n'))).toBe(true)
})

test('reports that the server is unreachable, and continues when it is back', async () => {
  const server = await start()
  await watching(`video:42 --url ${http(server.url)}`, async () => {
    await printed(/ 0 viewers$/)
    await server.stop()
    await until('an error', () => commandLine.errors.some((text) => /^headcount: .+; trying again$/.test(text)))
    await server.resume()
    server.track('video:42', 'kiosk')
    await printed(/ 1 viewer$/)
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

test.each(['video:42 staff:1', 'staff:1'])(
  'for "%s", the error of a topic that requires a token names its variable',
  async (topics) => {
    const rules = ['video:*', { pattern: 'staff:*', access: 'users' as const }]
    const server = await LiveServer.start(createHeadcount, { topics: rules, auth: { secret: 's'.repeat(32) } })
    await watching(`${topics} --url ${http(server.url)}`, () =>
      until('an error', () => commandLine.errors.some((text) => text.endsWith(' (HEADCOUNT_TOKEN)')), {
        got: () => commandLine.errors,
      }),
    )
  },
)

test('prints once how to name the server if nothing listens', async () => {
  const server = await start()
  const url = http(server.url)
  await server.stop()
  await watching(`lobby --url ${url}`, () => until('two errors', () => commandLine.errors.length > 1))
  expect(commandLine.errors.slice(0, 2)).toEqual([
    expect.stringMatching(/^headcount: .*ECONNREFUSED.*; name the server with --url or HEADCOUNT_URL; trying again$/),
    expect.stringMatching(/^headcount: .*ECONNREFUSED \S+; trying again$/),
  ])
})

test('a request that the server refuses ends the command with its reason', async () => {
  const server = await start()
  expect(await commandLine.run(`watch ${'x'.repeat(300)} --url ${http(server.url)}`)).toBe(1)
  expect(commandLine.errors).toEqual([expect.stringMatching(/^headcount: http:.+ answered 4\d\d: /)])
})

describe('another kind of server', () => {
  /** A server that answers with a stream of these events. */
  const stream = (...events: string[]) =>
    listen((_, response) => {
      response.setHeader('content-type', 'text/event-stream')
      for (const event of events) response.write(`data: ${event}\n\n`)
    })
  const hasError = (text: string) =>
    until(text, () => commandLine.errors.some((error) => error.includes(text)), { got: () => commandLine.errors })
  /** Sends the same text repeatedly. */
  const flood = (response: ServerResponse, text: string) => {
    const write = (): void => {
      while (!response.destroyed && response.write(text));
      response.once('drain', write)
    }
    write()
  }

  test('leads to a hint, if it answers 404 or a page', async () => {
    const missing = await listen((_, response) => response.writeHead(404).end('<html>'))
    expect(await commandLine.run(`watch lobby --url ${missing}`)).toBe(1)
    const hint = 'is --url the address of a Headcount server, such as http://localhost:4000?'
    expect(commandLine.errors).toEqual([`headcount: ${missing} answered 404; ${hint}`])
    const path = `${http((await start()).url)}/counts`
    expect(await commandLine.run(`watch lobby --url ${path}`)).toBe(1)
    expect(commandLine.errors.at(-1)).toBe(
      `headcount: ${path} answered 404: no such route: see /api/openapi.json; ${hint}`,
    )
    const page = await listen((_, response) => response.setHeader('content-type', 'text/html').end('<html>'))
    await watching(`lobby --url ${page}`, () =>
      hasError(`${page} answered text/html instead of counts; ${hint}; trying again`),
    )
  })

  test('cannot control the terminal', async () => {
    const evil = '\x1b[2J\x9b31m\u202e\n'
    const counts = JSON.stringify({ topic: evil, counts: { [evil]: { count: 1 } } })
    const error = JSON.stringify({ topic: evil, error: { code: 'x', message: evil } })
    const url = await stream(counts, error)
    const escaped = '\\u001b[2J\\u009b31m\\u202e\\u000a'
    await watching(`lobby --url ${url}`, () => hasError(`headcount: ${escaped}: ${escaped}`))
    expect(commandLine.printed).toEqual([expect.stringMatching(/ \\u001b\[2J\S+ 1 \\u001b\[2J\S+$/)])
    commandLine.printed.length = 0
    await watching(`lobby --json --url ${url}`, () => printed(/./))
    expect(commandLine.printed[0]).toMatch(/^[\x20-\x7e]+$/)
    expect(JSON.parse(commandLine.printed[0]!)).toMatchObject({ topic: evil, counts: { [evil]: { count: 1 } } })
    const refusing = await listen((_, response) =>
      response.writeHead(403).end(JSON.stringify({ error: { message: evil } })),
    )
    await commandLine.run(`watch lobby --url ${refusing}`)
    expect(commandLine.errors.at(-1)).toBe(`headcount: ${refusing} answered 403: ${escaped}`)
  })

  const textAsBound = '{"topic":"lobby","counts":{"users":{"count":0,"below":"\\u001b[2J"}}}'
  const textAsCount = '{"topic":"lobby","counts":{"users":{"count":"1"}}}'

  test.each(['7', 'null', '<html>', '{"topic":"lobby"}', textAsCount, textAsBound])(
    'is retried after the event %s',
    async (event) => {
      const url = await stream(event)
      await watching(`lobby --url ${url}`, () => hasError('the server sent an event without counts; trying again'))
      expect(commandLine.printed).toEqual([])
    },
  )

  test('cannot fill the memory with an event or an error without an end', async () => {
    const endless = await listen((_, response) => {
      response.setHeader('content-type', 'text/event-stream')
      flood(response, 'data: '.padEnd(10_000, 'x'))
    })
    await watching(`lobby --url ${endless}`, () => hasError('sent an event of more than 65536 characters'))
    const refusing = await listen((_, response) => flood(response.writeHead(403), ' '.repeat(10_000)))
    expect(await commandLine.run(`watch lobby --url ${refusing}`)).toBe(1)
    expect(commandLine.errors.at(-1)).toContain('answered 403')
  })
})
