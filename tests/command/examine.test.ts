import { runHeadcount, startServer } from '@headcount/tools/processes/server.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { expect, onTestFinished, test } from 'vitest'
import { phoenixServer } from '../bench/phoenix-server.js'
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

async function serve(...args: string[]): Promise<string> {
  const server = await startServer(args)
  onTestFinished(() => server.kill())
  return server.url
}

const state = { users: { count: 0 }, viewers: { count: 1 } }

test('examine reports clients that are sent no changes as wrong', async () => {
  const { url } = await phoenixServer(([joinRef, ref, topic, event]) => {
    const reply = [joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }]
    return event === 'phx_join' ? [reply, [joinRef, null, topic, 'presence_state', state]] : [reply]
  })
  const { code, verdicts } = await examine(url, '--clients', '4', '--scenario', 'storm')
  expect(code).toBe(1)
  expect(verdicts[0]).toMatchObject({ scenario: 'storm', joined: 4, wrong: 4, shown: 1 })
})

test.each<[string, unknown]>([
  ['a list of who is there', { 'user 7': { metas: [{ phx_ref: 'x' }] } }],
  ['a text', 'many'],
])('examine finds clients wrong that are sent %s', async (_title, payload) => {
  const { url } = await phoenixServer(([joinRef, ref, topic, event]) => {
    const reply = [joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }]
    return event === 'phx_join' ? [reply, [joinRef, null, topic, 'presence_state', payload]] : [reply]
  })
  const { verdicts } = await examine(url, '--clients', '2', '--scenario', 'leave')
  expect(verdicts).toEqual([expect.objectContaining({ joined: 1, wrong: 1, shown: null })])
})

test('with --wait, examine accepts a server that delays decreases', async () => {
  const url = await serve('--settle', '3000')
  const args = [url, '--clients', '4', '--scenario', 'leave']
  expect((await examine(...args)).verdicts).toMatchObject([{ joined: 2, wrong: 2, shown: 4 }])
  const { code, verdicts } = await examine(...args, '--wait', '4000')
  expect({ code, verdicts }).toMatchObject({ code: 0, verdicts: [{ joined: 2, wrong: 0 }] })
}, 30_000)

test('examine names the limits beyond which clients of one user are not counted', async () => {
  const secret = 'a secret of more than thirty-two bytes'
  const server = await startServer([], { env: { HEADCOUNT_JWT_SECRET: secret } })
  onTestFinished(() => server.kill())
  const args = ['examine', server.url, '--clients', '101', '--scenario', 'storm']
  const child = runHeadcount(args, { env: { HEADCOUNT_TOKEN: tokenFor(secret, '7') } })
  expect((await child.exited).code).toBe(1)
  expect(child.output).toContain('one of the wrong shows 100')
  expect(child.output).toContain('presencesPerUser with a token)? Repeat with fewer --clients.')
}, 30_000)

test('examine says why it cannot join', async () => {
  const { code, others } = await examine(await serve('--topics', 'room:*'), '--clients', '2')
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
])('"headcount examine %j" is refused', async (args, message) => {
  const { code, others } = await examine(...args)
  expect({ code, others }).toEqual({ code: 1, others: [expect.stringContaining(message)] })
})

describeWith('redis', 'over two servers of one cluster', () => {
  const redis = withRedis()

  test('examine reports every client as correct', async () => {
    const args = ['--redis', redis().url, '--topics', 'room:*']
    const { code, verdicts } = await examine(await serve(...args), await serve(...args), '--topic', 'room:x')
    expect(code).toBe(0)
    expect(verdicts.map(({ scenario, joined, wrong }) => `${scenario}: ${wrong} of ${joined}`)).toEqual([
      'storm: 0 of 200',
      'leave: 0 of 100',
      'rejoin: 0 of 200',
      'slow-reader: 0 of 200',
    ])
  }, 60_000)
})
