import { expect, it } from 'vitest'
import { routeOf, videoHref } from './route.js'

const video = (id: string) => ({ page: 'video', id })
const missing = { page: 'missing' }

it('shows the first video at the bare address', () => {
  expect(routeOf('/', '')).toEqual(video('42'))
  expect(routeOf('/index.html', '?v=')).toEqual(video('42'))
})

it('takes the video from the query and from the path', () => {
  expect(routeOf('/', '?v=7')).toEqual(video('7'))
  expect(routeOf('/video/88', '?v=7')).toEqual(video('88'))
  expect(routeOf('/video/%C3%A9t%C3%A9/', '')).toEqual(video('été'))
})

it('knows an address that names nothing', () => {
  for (const path of ['/nothing', '/video', '/video/', '/video/a/b', '/video/%E0%A4%A', '/video/a%20b'])
    expect(routeOf(path, '')).toEqual(missing)
  expect(routeOf('/', `?v=${'x'.repeat(65)}`)).toEqual(missing)
  expect(routeOf('/', '?v=<b>')).toEqual(missing)
})

it('links to each video by an address that leads back to it', () => {
  for (const id of ['42', '7', 'été', 'a~b']) {
    const url = new URL(videoHref(id), 'http://localhost')
    expect(routeOf(url.pathname, url.search)).toEqual(video(id))
  }
})
