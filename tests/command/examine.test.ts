import { runHeadcount, startServer } from '@headcount/tools/processes/server.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, describe, expect, test } from 'vitest'
import { phoenixServer } from '../bench/phoenix-server.js'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'

interface Verdict {
  readonly scenario: string
  readonly joined: number
  readonly wrong: number
  readonly shown?: number
}

/** Runs `headcount examine`. @returns its exit code, its verdicts and its other output. */
async function examine(...args: string[]) {
  const child = runHeadcount(['examine', ...args, '--json'])
  const { code } = await child.exited
  const lines = child.output.trim().split('\n')
  const isJson = (line: string) => line.startsWith('{')
  const verdicts = lines.filter(isJson).map((line): Verdict => JSON.parse(line))
  return { code, verdicts, others: lines.filter((line) => !isJson(line)) }
}

const cleanup = cleanups(afterAll)

async function serve(...[args, options]: Parameters<typeof startServer>): Promise<string> {
  const server = await startServer(args, options)
  cleanup(() => server.kill())
  return server.url
}

const state = { users: { count: 0 }, viewers: { count: 1 } }

describe.concurrent('examine', () => {
  test.each<[string, unknown, string, object]>([
    ['no changes', state, 'storm', { scenario: 'storm', joined: 4, wrong: 4, shown: 1 }],
    [
      'a list of who is there',
      { 'user 7': { metas: [{ phx_ref: 'x' }] } },
      'leave',
      { joined: 2, wrong: 2, shown: null },
    ],
    ['a text', 'many', 'leave', { joined: 2, wrong: 2, shown: null }],
  ])('reports clients that are sent %s as wrong', async (_title, payload, scenario, verdict) => {
    const { url } = await phoenixServer(([joinRef, ref, topic, event]) => {
      const reply = [joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }]
      return event === 'phx_join' ? [reply, [joinRef, null, topic, 'presence_state', payload]] : [reply]
    }, cleanup)
    const { code, verdicts } = await examine(url, '--clients', '4', '--scenario', scenario)
    expect({ code, verdicts }).toEqual({ code: 1, verdicts: [expect.objectContaining(verdict)] })
  })

  test('with --wait accepts a server that delays decreases', async () => {
    const url = await serve(['--settle', '3000'])
    const args = [url, '--clients', '4', '--scenario', 'leave']
    expect((await examine(...args)).verdicts).toMatchObject([{ joined: 2, wrong: 2, shown: 4 }])
    const { code, verdicts } = await examine(...args, '--wait', '4000')
    expect({ code, verdicts }).toMatchObject({ code: 0, verdicts: [{ joined: 2, wrong: 0 }] })
  }, 30_000)

  test('names the limits beyond which clients of one user are not counted', async () => {
    const secret = 'a secret of more than thirty-two bytes'
    const url = await serve([], { env: { HEADCOUNT_JWT_SECRET: secret } })
    const args = ['examine', url, '--clients', '101', '--scenario', 'storm']
    const child = runHeadcount(args, { env: { HEADCOUNT_TOKEN: tokenFor(secret, '7') } })
    expect((await child.exited).code).toBe(1)
    expect(child.output).toContain('one of the wrong shows 100')
    expect(child.output).toContain('presencesPerUser with a token)? Repeat with fewer --clients.')
  }, 30_000)

  test('says why it cannot join', async () => {
    const { code, others } = await examine(await serve(['--topics', 'room:*']), '--clients', '2')
    expect(code).toBe(1)
    expect(others.join('\n')).toMatch(
      /refused to join examine-\S+: unmatched topic; name a start that its topics allow, such as --topic video:/,
    )
  })

  test.each([
    [[], 'expected a URL such as ws://localhost:4000, got none'],
    [['localhost:4000'], 'expected a URL such as ws://localhost:4000, got "localhost:4000"'],
    [['ws://localhost:1', '--clients', '9999'], '--clients: expected a whole number from 2 to 2000, got "9999"'],
    [['ws://localhost:1', '--scenario', 'calm'], 'expected a scenario (storm, leave, rejoin, slow-reader), got calm'],
    [['ws://127.0.0.1:1'], 'connect ECONNREFUSED 127.0.0.1:1'],
  ])('%j is refused', async (args, message) => {
    const { code, others } = await examine(...args)
    expect({ code, others }).toEqual({ code: 1, others: [expect.stringContaining(message)] })
  })

  describeWith('redis', 'over two servers of one cluster', () => {
    const redis = withRedis()

    test('reports every client as correct', async () => {
      const args = ['--redis', redis().url, '--topics', 'room:*']
      const { code, verdicts } = await examine(await serve(args), await serve(args), '--topic', 'room:x')
      expect(code).toBe(0)
      expect(verdicts.map(({ scenario, joined, wrong }) => `${scenario}: ${wrong} of ${joined}`)).toEqual([
        'storm: 0 of 200',
        'leave: 0 of 100',
        'rejoin: 0 of 200',
        'slow-reader: 0 of 200',
      ])
    }, 60_000)
  })
})
