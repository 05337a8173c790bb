import { FakeClock } from '@headcount/core/fake-clock'
import { expect, test } from 'vitest'
import { OpenStreams } from './open-streams.js'

function limited(max: number) {
  const clock = new FakeClock()
  let displaced = 0
  const streams = new OpenStreams(max, clock, () => {
    displaced += 1
  })
  const ended: string[] = []
  /** Opens a stream. Returns whether it was opened, and how to close it. */
  const open = (name: string, address: string | null) => {
    const close = streams.add({
      address,
      end() {
        ended.push(name)
        close?.()
      },
    })
    return close
  }
  return { clock, streams, open, ended, displaced: () => displaced }
}

test('an address with fewer streams displaces the oldest stream of the address with the most', () => {
  const { streams, open, ended, displaced } = limited(4)
  for (const name of ['a1', 'a2', 'a3']) open(name, 'a')
  open('b1', 'b')
  expect(open('c1', 'c')).toBeDefined()
  expect([ended, streams.size, displaced()]).toEqual([['a1'], 4, 1])
  expect(streams.admits('a')).toBe(false)
  expect(streams.admits('b')).toBe(false)
  expect(ended).toEqual(['a1'])
})

test('a new stream of the same address displaces one that is 30 s old', async () => {
  const { clock, streams, open, ended } = limited(2)
  open('old', null)
  await clock.advance(10_000)
  open('young', null)
  await clock.advance(19_999)
  expect(open('refused', null)).toBeUndefined()
  await clock.advance(1)
  expect(open('new', null)).toBeDefined()
  expect([ended, streams.size]).toEqual([['old'], 2])
  expect(open('refused', null)).toBeUndefined()
})

test('a closed stream frees its place, once', () => {
  const { streams, open } = limited(1)
  const close = open('a', 'a')
  close?.()
  close?.()
  expect(streams.size).toBe(0)
  expect(open('b', 'b')).toBeDefined()
  streams.close()
  expect(open('c', 'c')).toBeUndefined()
})
