import { createServer } from 'node:http'
import { HeadcountError, type HeadcountErrorCode, silentLogger, systemClock } from '@headcount/core'
import { createHeadcount } from '@headcount/server'
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { listen as listenInTest } from '@headcount/tools/live/listen.mjs'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from './cli/listen.js'
import { parseFlags } from './settings/flags.js'
import { WorkerPool } from './workers/pool.js'

const headcount = () => {
  const created = createHeadcount({ topics: ['a'] })
  onTestFinished(() => created.close())
  return created
}

/** A server that the system does not allow to listen. */
function forbidden() {
  const server = createServer()
  server.listen = () => {
    setImmediate(() => server.emit('error', Object.assign(new Error('no'), { code: 'EACCES' })))
    return server
  }
  return server
}

const provocations: Record<HeadcountErrorCode, () => unknown> = {
  bad_option: () => createHeadcount({ lease: 0 }),
  bad_setting: () => parseFlags([], ['--nothing']),
  unmatched_topic: () => headcount().track('b', 'key'),
  unknown_group: () => headcount().track('a', 'key', { group: 'guests' }),
  async port_in_use() {
    const { port } = new URL(await listenInTest(() => {}))
    return listen(createServer(), { host: '127.0.0.1', port: Number(port) })
  },
  // The user root may listen on every port.
  no_permission: () => listen(forbidden(), { host: '127.0.0.1', port: 80 }),
  no_address: () => listen(createServer(), { host: '192.0.2.1', port: 0 }),
  worker_exited() {
    const exited = Promise.resolve('SIGKILL')
    const process = { pid: 1, started: new Promise<void>(() => {}), exited, ping: async () => {}, kill() {} }
    return new WorkerPool({ size: 1, clock: systemClock, logger: silentLogger, fork: () => process }).start()
  },
  async closed() {
    const created = headcount()
    await created.close()
    return created.counts('a')
  },
}

test('docs/ERRORS.md has exactly one row for each code', () => {
  expect(docRows('ERRORS.md', 'HeadcountError').map(([code]) => code)).toEqual(Object.keys(provocations))
})

test.each(docRows('ERRORS.md', 'HeadcountError'))('%s is thrown', async (code) => {
  const error = await Promise.resolve()
    .then(provocations[code as HeadcountErrorCode])
    .catch((thrown) => thrown)
  expect(error).toBeInstanceOf(HeadcountError)
  expect(error).toHaveProperty('code', code)
})
