import { createHeadcount } from '@headcount/server'
import { until } from '@headcount/testing'
import { crowdCommand } from '@headcount/tools/load/crowd-command.mjs'
import { serveEmbedded } from '@headcount/tools/processes/embedded.mjs'
import { expect, onTestFinished, test } from 'vitest'

const secret = 'a secret that is long enough for tests'

async function run(args: string[], { env = {}, stop = new AbortController().signal } = {}) {
  const lines: string[] = []
  const joined = await crowdCommand(args, env, stop, (line) => lines.push(line))
  return { joined, lines }
}

test('npm run crowd sends a crowd until it is stopped', async () => {
  const { headcount, url, stop } = await serveEmbedded((options) => createHeadcount({ auth: { secret }, ...options }))
  onTestFinished(stop)
  const args = ['--url', url, '--topic', 'video:7', '--viewers', '12', '--users=3', '--churn', '0']
  const controller = new AbortController()
  const running = run(args, { env: { HEADCOUNT_JWT_SECRET: secret }, stop: controller.signal })
  await until('12 viewers and 3 users', async () => {
    const { users, viewers } = await headcount.counts('video:7')
    return users!.count === 3 && viewers!.count === 12
  })
  controller.abort()
  const { joined, lines } = await running
  expect(joined).toBe(true)
  expect(lines.at(-2)).toMatch(/^\d+ s: 12 of 12 viewers, 3 of 3 users; the topic has \d+ users, \d+ viewers$/)
  expect(lines.at(-1)).toBe('The crowd has left: 15 joins, 15 leaves, 0 failures.')
})

test('it reports that the server has another secret', async () => {
  const { url, stop } = await serveEmbedded((options) => createHeadcount({ auth: { secret }, ...options }))
  onTestFinished(stop)
  const env = { HEADCOUNT_JWT_SECRET: 'another secret that is long enough for tests' }
  const { lines } = await run(['--url', url, '--viewers=1', '--users=2', '--duration', '3s'], { env })
  expect(lines.at(-1)).toMatch(/^Users counted as viewers: the server has another HEADCOUNT_JWT_SECRET/)
})

test('it ends after --duration, and reports why no connection joined, at most once a second', async () => {
  const { joined, lines } = await run(['--url', 'ws://127.0.0.1:1', '--viewers', '2', '--duration', '5s'])
  expect(joined).toBe(false)
  const [reports, end] = [lines.slice(0, -2), lines.slice(-2)]
  expect(new Set(reports.map((line) => line.split(':')[0])).size).toBe(reports.length)
  for (const line of reports) {
    expect(line).toMatch(/^[1-5] s: 0 of 2 viewers, .*; \d+ failures \(ws:\/\/127\.0\.0\.1:1\/?: ECONNREFUSED\)$/)
  }
  expect(end).toEqual([
    expect.stringMatching(/^The crowd has left: 0 joins, 0 leaves, \d+ failures\.$/),
    expect.stringMatching(/^No connection to ws:\/\/127\.0\.0\.1:1\/? joined: ECONNREFUSED\.$/),
  ])
})

test.each([
  [
    ['--url', 'ftp://localhost'],
    'expected an address of this machine such as ws://127.0.0.1:4000, got "ftp://localhost"',
  ],
  [['--url', 'ws://127.0.0.1.example.com'], 'got "ws://127.0.0.1.example.com"'],
  [['--viewrs', '3'], 'Unknown option \'--viewrs\'\nFlags follow "--", as in npm run crowd -- --viewers 300'],
  [['--viewers=-1'], 'crowd viewers: expected a whole number from 0, got -1'],
  [['--churn', '2'], 'crowd churn: expected 0 to 1, got 2'],
  [['--duration', '60'], '--duration: expected a duration such as 60s or 5m, got "60"'],
  [['--users', '3'], "HEADCOUNT_JWT_SECRET: expected the server's secret to sign users' tokens, got none"],
])('it refuses %j', async (args, message) => {
  await expect(run(args)).rejects.toThrow(message)
})
