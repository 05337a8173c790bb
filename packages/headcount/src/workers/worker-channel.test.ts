import { HeadcountError, systemClock } from '@headcount/core'
import { expect, test } from 'vitest'
import { Ports } from '../test/ports.js'
import { connect } from './worker-channel.js'

interface Remote {
  fail(kind: 'headcount' | 'bug' | 'text'): void
  never(): void
}

function setUp() {
  const ports = new Ports()
  const functions: Remote = {
    fail(kind) {
      if (kind === 'headcount') throw new HeadcountError('port_in_use', 'expected a free port')
      throw kind === 'bug' ? new TypeError('a bug') : kind
    },
    never: () => new Promise(() => {}),
  }
  connect<object, Remote>(ports.primary, systemClock, functions)
  return { ports, worker: connect<Remote, object>(ports.worker, systemClock, {}) }
}

test('an error keeps its message, its code if it has one, and else its stack', async () => {
  const { worker } = setUp()
  const errors = await Promise.all(
    (['headcount', 'bug', 'text'] as const).map((kind) => worker.fail(kind).catch((error) => error)),
  )
  expect(errors[0]).toBeInstanceOf(HeadcountError)
  expect(errors[0]).toMatchObject({ code: 'port_in_use', message: 'expected a free port' })
  expect(errors[1].stack).toContain('worker-channel.test.ts')
  expect(errors[2].message).toBe('text')
})

test('closing the channel rejects the calls in flight', async () => {
  const { worker } = setUp()
  const call = worker.never()
  worker.$close()
  await expect(call).rejects.toThrow('closed')
  await expect(worker.never()).rejects.toThrow('closed')
})
