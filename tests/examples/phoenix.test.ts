import { join } from 'node:path'
import { expect } from 'vitest'
import { freePort } from '../../tools/processes/free-port.mjs'
import { fileServer } from './file-server.js'
import { eventually, shows, test } from './fixtures.js'

test('the page of a Phoenix application shows live counts over its stock socket', async ({
  install,
  open,
  startHeadcount,
  onTestFinished,
}) => {
  const { headcount, port } = await startHeadcount()
  const example = await install('phoenix', { port })
  await example.run('npm', 'run', 'build')
  const pagePort = await freePort()
  const files = fileServer(join(example.folder, 'priv/static')).listen(pagePort, '127.0.0.1')
  onTestFinished(() => void files.close())

  const page = await open(`http://127.0.0.1:${pagePort}/index.html`)
  await shows(page, '0 users and 1 viewers')
  headcount.track('video:42', 'user 7', { group: 'users' })
  await shows(page, '1 users and 1 viewers')
  expect(headcount.sockets).toBe(1)
  await page.close()
  await eventually(async () => expect((await headcount.counts('video:42')).viewers.count).toBe(0))
})
