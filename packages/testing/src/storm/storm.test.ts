import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countsOf } from '../article/shown.js'
import { type Running, startHeadcount } from '../server/start.js'
import { Crowd } from './crowd.js'
import { storm } from './storm.js'

describe('storm', () => {
  let server: Running
  let crowd: Crowd
  beforeAll(async () => {
    server = await startHeadcount()
    crowd = await Crowd.start(1)
  })
  afterAll(async () => {
    crowd.stop()
    await server.stop()
  })

  it('tells of clients that do not show the truth, and what they show', async () => {
    server.headcount.track('storm:1', 'somebody the plan knows nothing of')
    const options = { urls: [server.url], crowd, seed: 1, clients: 20, topic: 'storm:1', within: 500 }
    const { truth, sight, told } = await storm({
      ...options,
      tokenOf: () => 'no token: everyone is a viewer',
    })
    const all = truth.users.count + truth.viewers.count
    expect(told).toEqual([countsOf(0, all + 1)])
    expect(sight.wrong.length).toBe(sight.inside)
    expect(new Set(sight.wrong)).toEqual(new Set([JSON.stringify(countsOf(0, all + 1))]))
    expect(sight.faults).toEqual([])
  })

  it('says so where its processes have ended', async () => {
    const other = await Crowd.start(1)
    other.stop()
    await expect(other.settle()).rejects.toThrow('closed')
  })
})
