import { expect, test } from 'vitest'
import { FakeClock } from './fake-clock.js'
import { Turn } from './turn.js'

function make() {
  const clock = new FakeClock()
  const errors: unknown[] = []
  const order: string[] = []
  const log = (name: string) => () => void order.push(name)
  return { clock, errors, order, log, turn: new Turn(clock, (error) => errors.push(error)) }
}

test('callbacks run first, then writers flush, then the callbacks after the writes', async () => {
  const { clock, turn, order, log } = make()
  turn.afterWrites(log('after'))
  turn.write({ flush: log('write') })
  turn.run(log('run'))
  expect(order).toEqual([])
  await clock.advance()
  expect(order).toEqual(['run', 'write', 'after'])
})

test('a callback that is added while callbacks run waits for the next turn', async () => {
  const { clock, turn, order, log } = make()
  turn.run(() => turn.run(log('second')))
  turn.write({ flush: log('write') })
  await clock.advance()
  expect(order).toEqual(['write', 'second'])
})

test('a callback or a writer that throws does not stop the others', async () => {
  const { clock, turn, order, log, errors } = make()
  const fail = (name: string) => () => {
    throw name
  }
  turn.run(fail('run'))
  turn.run(log('run'))
  turn.write({ flush: fail('write') })
  turn.write({ flush: log('write') })
  turn.afterWrites(fail('after'))
  turn.afterWrites(log('after'))
  await clock.advance()
  expect(order).toEqual(['run', 'write', 'after'])
  expect(errors).toEqual(['run', 'write', 'after'])
})
