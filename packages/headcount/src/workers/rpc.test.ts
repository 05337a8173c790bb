import { Ports } from 'tests/workers/ports.ts'
import { expect, test } from 'vitest'
import { rpc } from './rpc.js'

test('a call is done at the other end, and answered', async () => {
  const { worker, primary } = new Ports()
  rpc(primary, 'sums', { add: ([a, b]: [number, number]) => a + b })
  expect(await rpc(worker, 'sums', {}).call('add', [2, 3])).toBe(5)
})

test('both ends may ask at once, and answers come in any order', async () => {
  const { worker, primary } = new Ports()
  const waiting: (() => void)[] = []
  const one = rpc(primary, 's', {
    wait: (given: string) => new Promise((done) => waiting.push(() => done(given))),
  })
  const other = rpc(worker, 's', { echo: (given: string) => given })
  const asked = [other.call('wait', 'first'), other.call('wait', 'second')]
  expect(await one.call('echo', 'me')).toBe('me')
  for (const answer of waiting.reverse()) answer()
  expect(await Promise.all(asked)).toEqual(['first', 'second'])
})

test('an error at the other end is the error of the call', async () => {
  const { worker, primary } = new Ports()
  rpc(primary, 's', {
    fail: async () => {
      throw new Error('expected a reason, got one')
    },
  })
  await expect(rpc(worker, 's', {}).call('fail')).rejects.toThrow('expected a reason, got one')
  await expect(rpc(worker, 's', {}).call('nothing of that name')).rejects.toThrow()
})

test('what is told needs no answer, and gets none', async () => {
  const ports = new Ports()
  const heard: string[] = []
  rpc(ports.primary, 's', { hear: (given: string) => heard.push(given) })
  const worker = rpc(ports.worker, 's', {})
  worker.tell('hear', 'one')
  worker.tell('hear', 'two')
  await worker.call('hear', 'three')
  expect(heard).toEqual(['one', 'two', 'three'])
  expect(ports.crossed).toHaveLength(4)
})

test('conversations on one port leave each other alone, and strange messages too', async () => {
  const { worker, primary } = new Ports()
  rpc(primary, 'a', { who: () => 'a' })
  rpc(primary, 'b', { who: () => 'b' })
  const [a, b] = [rpc(worker, 'a', {}), rpc(worker, 'b', {})]
  worker.send({ cmd: 'NODE_something' })
  expect(await Promise.all([a.call('who'), b.call('who')])).toEqual(['a', 'b'])
})

test('whoever waits when the conversation ends is told so, and whoever asks later', async () => {
  const { worker, primary } = new Ports()
  rpc(primary, 's', { never: () => new Promise(() => {}) })
  const asking = rpc(worker, 's', {})
  const asked = asking.call('never')
  asking.close()
  await expect(asked).rejects.toThrow('expected an answer from another process, got its end')
  await expect(asking.call('never')).rejects.toThrow('expected an open channel between processes')
})
