import { afterAll, beforeAll } from 'vitest'
import { fallbackSuite } from '../suites/fallbacks.js'
import { quickPolls } from '../support/quick-polls.js'
import { type Running, startHeadcount } from '../support/start-headcount.js'

let server: Running
beforeAll(async () => {
  server = await startHeadcount({ limits: quickPolls })
})
afterAll(() => server.stop())

fallbackSuite(() => server.url)
