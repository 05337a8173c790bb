import { type Running, startHeadcount } from '@headcount/testing'
import { afterAll, beforeAll } from 'vitest'
import { peopleSuite } from '../suites/people.js'

const secret = 'the secret of people, long enough to sign with'
const grace = 600

let server: Running
beforeAll(async () => {
  server = await startHeadcount({
    auth: { secret },
    topics: [
      { pattern: 'room:*', unit: 'people' },
      { pattern: 'held:*', unit: 'people', grace },
    ],
  })
})
afterAll(() => server.stop())

peopleSuite({ urls: () => [server.url], secret, grace })
