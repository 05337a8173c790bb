import { until } from '@headcount/testing'
import { describe, expect, it } from 'vitest'
import { allTell, ask, enter, pidsOf, replaced, serve } from './server.js'

const topic = 'video:42'

interface Seen {
  readonly here: { readonly viewers: number; readonly users: number }
}

describe('the demo on three workers', () => {
  it('has one page and one crowd, whichever worker is asked', async () => {
    const server = await serve(3, ['--demo'])
    const look = async () => JSON.parse(await ask(`${server.url}/demo/crowd`)) as Seen
    const lookAtAll = () => Promise.all([look(), look(), look()])
    expect(await ask(server.url)).toContain('<title>')
    for (const size of [
      { viewers: 20, users: 10 },
      { viewers: 6, users: 9 },
    ]) {
      expect(JSON.parse(await ask(`${server.url}/demo/crowd`, 'POST', size))).toMatchObject(size)
      for (const seen of await lookAtAll()) expect(seen).toMatchObject(size)
      await until('everybody to be here, or away for a moment', async () => {
        const [seen] = await lookAtAll()
        return Math.abs(seen.here.users - size.users) <= 2 && Math.abs(seen.here.viewers - size.viewers) <= 2
      })
    }
    await ask(`${server.url}/demo/crowd`, 'DELETE')
    await allTell(server, topic, 0, 0)
  })

  it('signs people in at one worker for all of them, and for those that come later', async () => {
    const server = await serve(3, ['--demo'])
    const signIn = async () =>
      (JSON.parse(await ask(`${server.url}/demo/sign-in`, 'POST', {})) as { token: string }).token
    const tokens = [await signIn(), await signIn()]
    for (const token of tokens) for (let i = 0; i < 3; i++) await enter(server, topic, { token })
    await allTell(server, topic, 6, 0)
    const [pid] = pidsOf(server)
    process.kill(pid!, 'SIGKILL')
    await replaced(server, pid!)
    await allTell(server, topic, 4, 0)
    for (let i = 0; i < 3; i++) await enter(server, topic, { token: tokens[0] })
    await allTell(server, topic, 7, 0)
  })
})
