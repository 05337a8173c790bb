import { expect, test } from 'vitest'
import { clockTime, firstVideo, videoHref, videoIdOf, videoOf } from './catalog.js'

test('each video has an address that leads back to it, and the bare address shows the first', () => {
  for (const id of [firstVideo, '7', 'a~b', 'x'.repeat(64)]) {
    expect(videoIdOf(new URL(videoHref(id), 'http://localhost').search)).toBe(id)
  }
  expect(videoHref(firstVideo)).toBe('/')
})

test('an address without a valid id shows the first video', () => {
  for (const query of ['', '?v=', '?v=<b>', '?v=a%20b', `?v=${'x'.repeat(65)}`]) {
    expect(videoIdOf(query)).toBe(firstVideo)
  }
})

test('an unknown id is an untitled video', () => {
  expect(videoOf('unknown')).toMatchObject({ id: 'unknown', title: 'Untitled take unknown' })
})

test('times have the format of players', () => {
  expect([0, 9.9, 60, 252].map(clockTime)).toEqual(['0:00', '0:09', '1:00', '4:12'])
})
