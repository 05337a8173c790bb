import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@headcount/client'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { freePort } from '../../tools/processes/free-port.mjs'
import type { Example } from './example.js'
import { eventually, test } from './fixtures.js'

async function start(example: Example, port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}`
  await example.run('tsc')
  await example.serve(url, 'node', 'server.js')
  return url
}

/** Joins a topic as a client, and waits until an HTTP request returns its count. */
async function joinAndRead(url: string): Promise<void> {
  const client = createClient({ url: `${url.replace('http', 'ws')}/socket`, socket: { transport: WebSocket } })
  client.topic('video:42').subscribe(() => {})
  const read = async () => (await fetch(`${url}/api/counts/video:42`)).json()
  await eventually(async () => expect((await read()).counts.viewers.count).toBe(1))
  client.close()
}

test('Express serves its own routes, the counts, and another WebSocket server', async ({ install }) => {
  const port = await freePort()
  const example = await install('express', { port, manager: 'npm' })
  const url = await start(example, port)
  expect(await (await fetch(url)).text()).toBe('An Express application')
  await joinAndRead(url)
  // Both are built into the package.
  for (const path of ['/headcount.js', '/dashboard']) expect((await fetch(`${url}${path}`)).status).toBe(200)
  const chat = new WebSocket(`${url.replace('http', 'ws')}/chat`)
  await once(chat, 'open')
  chat.send('hello')
  expect(String((await once(chat, 'message'))[0])).toBe('echo: hello')
  chat.close()

  // Node.js can require ES modules from 20.19 on.
  const script = `const { createHeadcount } = require('@headcount/server')
    const headcount = createHeadcount()
    headcount.track('lobby', 'kiosk')
    headcount.counts('lobby').then((counts) => console.log(counts.viewers.count)).then(() => headcount.close())`
  writeFileSync(join(example.folder, 'require.cjs'), script)
  expect(await example.run('node', '--no-warnings', 'require.cjs')).toBe('1\n')
})

test('Fastify serves its own routes and the counts', async ({ install }) => {
  const port = await freePort()
  const url = await start(await install('fastify', { port }), port)
  expect(await (await fetch(url)).text()).toBe('A Fastify application')
  await joinAndRead(url)
})
