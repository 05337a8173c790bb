import { expect } from 'vitest'
import { freePort } from '../../tools/processes/free-port.mjs'
import { shows, test } from './fixtures.js'

test('the page of next builds, has the counts when it loads, and shows live counts', async ({
  install,
  open,
  startHeadcount,
}) => {
  const url = `http://127.0.0.1:${await freePort()}`
  const { headcount, port } = await startHeadcount({ origins: [url] })
  const example = await install('next', { port })
  await example.run('next', 'build')
  await example.serve(url, 'next', 'start', '--hostname=127.0.0.1', `--port=${new URL(url).port}`)

  headcount.track('video:42', 'user 7', { group: 'users' })
  const html = await (await fetch(url)).text()
  expect(html.replaceAll(/<script.*?<\/script>|<[^>]*>/g, '')).toContain('1 user')
  await shows(await open(url), '1 user, 1 viewer')
})
