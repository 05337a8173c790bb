import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WireClient } from '@headcount/testing'
import { metric, operatorKey } from '@headcount/tools/processes/metrics.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { testFolder } from '../support/test-folder.js'
import { allServe, openClientsShow, startWorkers } from '../support/workers.js'

const recorder = new URL('./record-messages.mjs', import.meta.url)
const secret = 'a-planted-jwt-secret-of-32-bytes-or-more'
const topic = 'video:1'
const cleanup = cleanups()

it('neither messages between workers and primary nor the log contain an id, token, client id or secret', async () => {
  const file = join(testFolder(), 'messages.jsonl')
  const server = await startWorkers(2, ['--unit', 'people', '--log-level', 'debug'], {
    env: {
      HEADCOUNT_JWT_SECRET: secret,
      HEADCOUNT_SECRET: 'a-planted-people-secret-of-32-bytes',
      NODE_OPTIONS: `--import=${recorder.href}`,
      MESSAGES_FILE: file,
    },
  })
  cleanup(() => server.kill())
  const good = tokenFor(secret, 'planted-user')
  const clients: WireClient[] = []
  for (const token of [good, tokenFor(secret, 'planted-other'), `${good}-planted`, undefined]) {
    const clientId = token === undefined ? 'planted-second' : 'planted-client'
    const client = await WireClient.open(server.url, { token, clientId })
    cleanup(() => client.drop())
    clients.push(await client.enter(topic))
  }
  await openClientsShow(clients, topic, 2, 2)
  await Promise.all(clients.slice(0, 2).map((client) => client.close()))
  await allServe(server, topic, 0, 2)
  await metric(server.url, 'headcount_joins_total')
  await server.stop()

  const messages = await readFile(file, 'utf8')
  expect(messages).toMatch(/"commit".*"key":"[\w-]{20,}"/)
  expect(messages).toMatch(/headcount_joins_total/)
  const [, payload, signature] = good.split('.') as [string, string, string]
  for (const output of [messages, server.output]) {
    for (const text of [secret, payload, signature, operatorKey]) expect(output).not.toContain(text)
    expect(output).not.toMatch(/planted/i)
    expect(output).not.toMatch(/eyJ/)
  }
})
