import { counts } from '@headcount/server'
import { type Running, startHeadcount, until } from '@headcount/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { crowdSecret, untilEqual } from './crowd/test-crowd.js'
import { crowdCommand } from './crowd-command.js'

const running: Running[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

async function start() {
  const server = await startHeadcount({ auth: { secret: crowdSecret } })
  running.push(server)
  return { ...server, url: server.url.replace('http', 'ws') }
}

/** Runs the command, and hears what it says. */
function command(args: readonly string[], { tty = false, secret = crowdSecret } = {}) {
  const printed: string[] = []
  const complained: string[] = []
  const written: string[] = []
  const listeners = new Set<(signal: 'SIGINT') => void>()
  const screen = { columns: 60, write: (text: string) => written.push(text) }
  const done = crowdCommand(tty ? screen : undefined).run(args, {
    env: { HEADCOUNT_JWT_SECRET: secret },
    cwd: import.meta.dirname,
    print: (line) => printed.push(line),
    complain: (line) => complained.push(line),
    onStop(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  })
  const interrupt = () => {
    for (const listener of [...listeners]) listener('SIGINT')
  }
  return { done, printed, complained, written, interrupt, listeners }
}

test('a crowd comes, is told of in plain lines, and is gone with everybody when asked to go', async () => {
  const { headcount, url } = await start()
  const args = ['--url', url, '--topic', 'video:7', '--viewers', '12', '--users=3', '--churn', '0']
  const { done, printed, complained, written, interrupt } = command(args)
  await untilEqual(counts(3, 12), () => headcount.counts('video:7'))
  interrupt()
  expect(await done).toBe(0)
  await untilEqual(counts(0, 0), () => headcount.counts('video:7'))
  expect(printed[0]).toMatch(/^0 s: \d+ of 12 viewers, \d+ of 3 users/)
  expect(printed.at(-1)).toBe('The crowd has gone: 15 joins, 15 leaves, 0 failures.')
  expect(complained).toEqual([])
  expect(written).toEqual([])
})

test('a crowd goes by itself when its time is up, and leaves signals as it found them', async () => {
  const { headcount, url } = await start()
  const { done, printed, listeners } = command(['--url', url, '--viewers', '1', '--for', '2s'])
  expect(await done).toBe(0)
  expect(printed.at(-1)).toMatch(/^The crowd has gone: /)
  expect(listeners.size).toBe(0)
  await untilEqual(counts(0, 0), () => headcount.counts('video:42'))
})

test('on a terminal it is one line that changes, no longer than the screen is wide', async () => {
  const { url } = await start()
  const { done, printed, written, interrupt } = command(['--url', url, '--viewers', '4', '--churn', '0'], {
    tty: true,
  })
  await until('the counts', () => written.some((text) => text.includes('the topic has 0 users')))
  interrupt()
  expect(await done).toBe(0)
  expect(written.at(-1)).toBe('\n')
  for (const text of written.slice(0, -1)) {
    expect(text.startsWith('\r\u001b[2K')).toBe(true)
    expect(text.length - '\r\u001b[2K'.length).toBeLessThan(60)
    expect(text).not.toContain('\n')
  }
  expect(printed).toEqual(['The crowd has gone: 4 joins, 4 leaves, 0 failures.'])
})

test('the first Ctrl-C lets everybody go, a second one is left to kill', async () => {
  const { url } = await start()
  const { done, interrupt, listeners } = command(['--url', url, '--viewers', '1'])
  await until('a listener', () => listeners.size === 1)
  interrupt()
  expect(listeners.size).toBe(0)
  await done
})

test('a crowd of whom nobody could join ends with 1 and says why', async () => {
  const { done, complained } = command(['--url', 'ws://127.0.0.1:1', '--viewers', '2', '--for', '1s'])
  expect(await done).toBe(1)
  expect(complained).toEqual(['headcount: expected somebody to join, got nobody: ECONNREFUSED'])
})

describe('what is refused', () => {
  test.each([
    [['--url', 'nonsense'], '--url: expected an address such as ws://127.0.0.1:4000, got "nonsense"'],
    [['--url', 'ftp://localhost'], '--url: expected an address such as ws://127.0.0.1:4000, got "ftp://localhost"'],
    [['--viewers', '-1'], '--viewers: expected a whole number from 0 to 5000, got "-1"'],
    [['--viewers', 'many'], '--viewers: expected a whole number from 0 to 5000, got "many"'],
    [['--viewers', '5001'], 'crowd: expected at most 5000 viewers and users in all, got 5001'],
    [['--viewers', '0'], '--viewers: expected somebody to come, got nobody'],
    [['--churn', '2'], '--churn: expected a share from 0 to 1, such as 0.05, got "2"'],
    [['--for', '60'], '--for: expected a duration such as 60s or 5m, got "60"'],
    [['--crowd', '2'], 'expected a flag that headcount knows, got --crowd'],
  ])('%j', async (args, message) => {
    await expect(command(args).done).rejects.toThrow(message)
  })

  test('users without a secret to sign their tokens with', async () => {
    await expect(command(['--users', '3'], { secret: '' }).done).rejects.toThrow(
      "HEADCOUNT_JWT_SECRET: expected the server's secret to sign users' tokens, got none; --users 0 needs none",
    )
  })

  test.each(['ws://example.com', 'wss://10.0.0.1:4000', 'ws://127.0.0.1.example.com', 'ws://[::2]'])(
    'a server of another machine: %s',
    async (url) => {
      await expect(command(['--url', url]).done).rejects.toThrow(
        `--url: expected an address of this machine, got ${new URL(url).host}; --anywhere allows any`,
      )
    },
  )
})
