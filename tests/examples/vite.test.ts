import { expect } from 'vitest'
import { freePort } from '../../tools/processes/free-port.mjs'
import { findingsInAllLooks } from '../support/axe.js'
import { eventually, shows, test } from './fixtures.js'

test.for([
  ['vite-react', '1 viewer', '1 user, 1 viewer'],
  ['react-18', '0 users and 1 viewers', '1 users and 1 viewers'],
  ['redux-toolkit', '0 users and 1 viewers', '1 users and 1 viewers'],
  ['vue', '1 viewer', '1 user, 1 viewer'],
  ['svelte', '1 viewer', '1 user, 1 viewer'],
  ['phoenix-presence', '0 users and 1 viewers', '1 users and 1 viewers'],
] as const)(
  'the page of %s type-checks, builds and shows live counts',
  async ([name, alone, together], { install, open, startHeadcount }) => {
    const { headcount, port } = await startHeadcount()
    const example = await install(name, { port })
    await example.run('npm', 'run', 'build')
    const url = `http://127.0.0.1:${await freePort()}`
    await example.serve(url, 'vite', 'preview', '--host=127.0.0.1', '--strictPort', `--port=${new URL(url).port}`)

    const page = await open(url)
    await shows(page, alone)
    expect(await findingsInAllLooks(page)).toEqual([])
    headcount.track('video:42', 'user 7', { group: 'users' })
    await shows(page, together)
    await page.close()
    await eventually(async () => expect((await headcount.counts('video:42')).viewers.count).toBe(0))
  },
)
