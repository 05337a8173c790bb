import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pause, until, WireClient } from '@headcount/testing'
import { listen } from '@headcount/tools/live/listen.mjs'
import { runHeadcount } from '@headcount/tools/processes/server.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, describe, expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { startSilentServer } from '../support/processes.js'
import { testFolder } from '../support/test-folder.js'
import { allServe, replaceWorker, startWorkers, workerPids } from '../support/workers.js'

const cleanup = cleanups(afterAll)
const topic = 'video:42'
const [old, next] = ['an old secret of thirty-two bytes', 'a new secret of thirty-two bytes.']

/** A config file, replaced by `write`. */
async function config(text: string) {
  const path = join(testFolder({}, cleanup), 'headcount.config.mjs')
  const write = (newText: string): Promise<void> => writeFile(path, `export default ${newText}`)
  await write(text)
  return { path, write }
}

async function enter(url: string, secret: string, user: string): Promise<WireClient> {
  const client = await WireClient.open(url, { token: tokenFor(secret, user) })
  cleanup(() => client.drop())
  return client.enter(topic)
}

const times = (text: string, part: string): number => text.split(part).length - 1

async function startServer(workers: number, path: string) {
  const server = await startWorkers(workers, ['--config', path, '--log-level', 'info'])
  cleanup(() => server.kill())
  const reload = async (line: string): Promise<void> => {
    const before = times(server.output, line)
    server.child.signal('SIGHUP')
    await server.child.until(line, (output) => times(output, line) > before)
  }
  return { server, reload }
}

test.concurrent('SIGHUP is done once every worker has the new settings', async () => {
  const file = await config(`{ auth: { secret: '${old}' } }`)
  const { server, reload } = await startServer(2, file.path)
  const [pid = 0] = workerPids(server)
  process.kill(pid, 'SIGSTOP')
  await file.write(`{ auth: { secret: '${next}' } }`)
  const reloading = reload('"msg":"settings reloaded"')
  expect(await Promise.race([reloading.then(() => 'done'), pause(500).then(() => 'pending')])).toBe('pending')
  process.kill(pid, 'SIGCONT')
  await reloading
  for (const user of ['1', '2', '3', '4']) await enter(server.url, next, user)
  await allServe(server, topic, 4, 0)
})

describe.concurrent.each([1, 2])('with --workers %i', (workers) => {
  const start = (path: string) => startServer(workers, path)

  test('SIGHUP replaces the secrets in the config file, and closes no socket', async () => {
    const file = await config(`{ auth: { secret: '${old}' } }`)
    const { server, reload } = await start(file.path)
    const clients = [await enter(server.url, old, '1'), await enter(server.url, next, '2')]
    await clients[0]!.shows(topic, 1, 1)
    await file.write(`{ auth: { secret: ['${next}', '${old}'] } }`)
    await reload('"changed":["auth.secret"],"msg":"settings reloaded"')
    for (const secret of [old, next, old, next]) clients.push(await enter(server.url, secret, '3'))
    await clients[0]!.shows(topic, 5, 1)
    await file.write(`{ auth: { secret: '${next}' } }`)
    await reload('"changed":["auth.secret"],"msg":"settings reloaded"')
    // A worker that starts later has the new secret, too.
    if (workers > 1) await replaceWorker(server, workerPids(server)[0]!, 'SIGKILL')
    const open = clients.filter(({ closedWith }) => closedWith === undefined)
    expect(open.length).toBeGreaterThan(workers === 1 ? 5 : 1)
    const before = open[0]!.shown(topic)!
    for (const secret of [old, next, old, next]) open.push(await enter(server.url, secret, '4'))
    await allServe(server, topic, before.users.count + 2, before.viewers.count + 2)
    expect(server.output).not.toMatch(/secret of thirty/)
  })

  test('SIGHUP replaces the secrets of webhooks', async () => {
    const [first, second] = [1, 2].map((fill) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`)
    const signatures: number[] = []
    const receiver = await listen((request, response) => {
      signatures.push(String(request.headers['webhook-signature']).split(' ').length)
      response.writeHead(signatures.includes(2) ? 204 : 500).end()
    }, cleanup)
    const webhook = (rest: string) => `{ webhooks: [{ url: '${receiver}', allowPrivate: true, secret: ${rest} }] }`
    const file = await config(webhook(`'${first}'`))
    const { reload } = await start(file.path)
    await until('a request', () => signatures.length > 0)
    await file.write(webhook(`['${second}', '${first}']`))
    await reload('"changed":["webhooks"],"msg":"settings reloaded"')
    await until('one with two signatures', () => signatures.includes(2))
    await file.write(webhook(`'${second}', thresholds: [9]`))
    await reload('"settings":["webhooks"],"msg":"changed settings need a restart"')
  })

  test('an invalid config changes nothing, and settings that need a restart are named', async () => {
    const file = await config(`{ auth: { secret: '${old}' } }`)
    const { server, reload } = await start(file.path)
    await file.write(`{ auth: { secret: '${next}' }, lease: 'soon', origins: 7 }`)
    await reload('"msg":"reload failed, keeping the previous settings"')
    expect(server.output).toMatch(/"reason":"origins in [^"]+ got 7\\nlease in [^"]+ got \\"soon\\""/)
    await file.write(`{ auth: {`)
    await reload('"msg":"reload failed, keeping the previous settings"')
    const client = await enter(server.url, old, '1')
    await client.shows(topic, 1, 0)
    await file.write(`{ auth: { secret: '${old}' }, lease: 5000, limits: { sockets: 9 } }`)
    await reload('"settings":["lease","limits.sockets"],"msg":"changed settings need a restart"')
    expect(client.closedWith).toBeUndefined()
  })

  test('a reload warns of topics that no client can join any more', async () => {
    const topics = "topics: [{ pattern: '*', access: 'users' }]"
    const file = await config(`{ ${topics}, auth: { secret: '${old}' } }`)
    const { reload } = await start(file.path)
    await file.write(`{ ${topics} }`)
    await reload('"event":"odd_setting","reason":"topic pattern \\"*\\" is for those with a token')
  })

  test('while it waits for Redis SIGHUP has no effect, and SIGTERM ends it at once with exit code 0', async () => {
    const redis = await startSilentServer()
    cleanup(redis.close)
    const child = runHeadcount(['serve', '--port', '0', '--workers', String(workers), '--redis', redis.url])
    cleanup(() => child.kill())
    await Promise.race([redis.connected, child.exited])
    child.signal('SIGHUP')
    await pause(100)
    child.signal('SIGHUP')
    await pause(100)
    const start = performance.now()
    child.signal('SIGTERM')
    expect(await child.exited).toEqual({ code: 0, signal: null })
    expect(performance.now() - start).toBeLessThan(2_000)
    expect(child.output).toMatch(/"reason":"SIGTERM","msg":"stopped before it listened"/)
    expect(child.output).not.toContain('"level":"error"')
  })

  test('while it drains SIGHUP has no effect', async () => {
    const { path } = await config('{}')
    const { server } = await start(path)
    const client = await enter(server.url, old, '1')
    client.socket.pause()
    server.child.signal('SIGTERM')
    await server.child.until('it drained', (output) => output.includes('"draining"'))
    server.child.signal('SIGHUP')
    server.child.signal('SIGTERM')
    client.socket.resume()
    expect(await server.child.exited).toEqual({ code: 0, signal: null })
    expect(server.output).not.toContain('reload')
  })
})

test.concurrent('SIGTERM before the command has loaded ends it with exit code 0', async () => {
  // The program listens for SIGHUP last, and then loads the command.
  const signal =
    "process.on('newListener', (e) => e === 'SIGHUP' && setImmediate(process.kill, process.pid, 'SIGTERM'))"
  const nodeFlags = ['--import', `data:text/javascript,${encodeURIComponent(signal)}`]
  const child = runHeadcount(['serve', '--port', '0'], { nodeFlags })
  cleanup(() => child.kill())
  expect(await child.exited).toEqual({ code: 0, signal: null })
})
