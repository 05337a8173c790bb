import { request } from 'node:http'
import { startHeadcount } from '@headcount/testing'
import { expect, test } from 'vitest'

test('a plain request that offers another upgrade, as that of Java’s HttpClient to h2c, is answered all the same', async () => {
  const server = await startHeadcount()
  const headers = {
    Connection: 'Upgrade, HTTP2-Settings',
    Upgrade: 'h2c',
    'HTTP2-Settings': 'AAMAAABkAAQAAP__',
  }
  const status = (path: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(`${server.url}${path}`, { headers, agent: false }, (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode))
      })
        .on('error', reject)
        .end()
    })
  expect(await status('/healthz')).toBe(200)
  expect(await status('/api/counts?topic=a')).toBe(200)
  await server.stop()
})
