import { expect, it } from 'vitest'
import { catalog, clockTime, firstVideo, videoOf } from './catalog.js'

it('has the first video, and no id twice', () => {
  expect(catalog.map(({ id }) => id)).toContain(firstVideo)
  expect(new Set(catalog.map(({ id }) => id)).size).toBe(catalog.length)
})

it('has a video for any id, always the same one', () => {
  const { scene, length } = videoOf('no such id')
  expect(videoOf('no such id')).toMatchObject({ id: 'no such id', scene, length })
})

it('writes time as players do', () => {
  expect([0, 9.9, 60, 252].map(clockTime)).toEqual(['0:00', '0:09', '1:00', '4:12'])
})
