import { execFileSync } from 'node:child_process'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { until } from '@headcount/testing'
import { expect, onTestFinished, test } from 'vitest'
import { openFiles } from '../open-files.js'
import { errorRows } from '../test/error-rows.js'
import { type Served, serve } from '../test/serve.js'
import { asymmetricToken, unfetchable } from '../test/tokens.js'
import type { RefusalCode } from './refusal.js'

const headers = {
  ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
}
interface Request {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The status and code of a refused upgrade; undefined for one that is not refused. */
const upgrade = ({ url }: Served, { path = '/socket/websocket', headers: changed, ...options }: Request = {}) =>
  new Promise<[status: number | undefined, code: string] | undefined>((resolve, reject) => {
    request(url + path, { headers: { ...headers, ...changed }, agent: false, ...options })
      .on('upgrade', (_, socket) => {
        // It would not answer a close, for which a drain waits.
        onTestFinished(() => void socket.destroy())
        resolve(undefined)
      })
      .on('response', async (response) => {
        const { error } = (await json(response)) as { error: { code: string } }
        resolve([response.statusCode, error.code])
      })
      .on('error', reject)
      .end()
  })
const once = async (asked: Request, options = {}) => {
  const served = await serve(options)
  return { served, refused: await upgrade(served, asked) }
}
/** Opens sockets, which stay open, until one is refused. */
const untilRefused = async (limits: object, before = () => {}) => {
  const served = await serve({ limits })
  const open = () => {
    before()
    return upgrade(served)
  }
  return { served, refused: await until('a refusal', open) }
}

const blockEventLoop = () => {
  const end = performance.now() + 50
  while (performance.now() < end);
}

const setFileLimit = (files: number) => execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${files}:`])

const provocations: Record<RefusalCode, () => ReturnType<typeof once>> = {
  method: () => once({ method: 'POST' }),
  upgrade: () => once({ headers: { Upgrade: 'h2c' } }),
  key: () => once({ headers: { 'Sec-WebSocket-Key': 'short' } }),
  version: () => once({ headers: { 'Sec-WebSocket-Version': '12' } }),
  client_id: () => once({ path: `/socket/websocket?client_id=${'x'.repeat(65)}` }),
  unsupported_vsn: () => once({ path: '/socket/websocket?vsn=3.0.0' }),
  origin: () => once({ headers: { Origin: 'http://elsewhere.example' } }),
  invalid_token: () =>
    once({ path: '/socket/websocket?token=x' }, { auth: { secret: 's'.repeat(32), invalidToken: 'reject' } }),
  not_found: () => once({ path: '/socket/other' }),
  too_many_of_address: () => untilRefused({ socketsPerAddress: 1 }),
  async unavailable() {
    const served = await serve()
    await served.headcount.close()
    return { served, refused: await upgrade(served) }
  },
  unchecked_token: () => once({ path: `/socket/websocket?token=${asymmetricToken}` }, { auth: unfetchable }),
  too_many_sockets: () => untilRefused({ sockets: 1 }),
  too_many_handshakes: () => untilRefused({ handshakesPerSecond: 1 }),
  memory: () => untilRefused({ memoryShare: 1e-9 }),
  lag: () => untilRefused({ lag: 1 }, blockEventLoop),
  async files() {
    const { used, limit } = openFiles()!
    setFileLimit(used + 25)
    return once({}).finally(() => setFileLimit(limit))
  },
}
test.each(errorRows('Refused upgrades', provocations))(
  '%s is answered with %s, and is counted',
  async (code, status) => {
    const { served, refused } = await provocations[code as RefusalCode]()
    expect(refused).toEqual([Number(status), code])
    expect(await served.metric(`refused_upgrades_total{code="${code}"}`)).toBe(1)
  },
)
