import { until } from '@headcount/testing'
import { expect, test } from 'vitest'
import { expectProblem } from '../test/problem.js'
import { RawClient } from '../test/raw-client.js'
import { listen, serve } from '../test/serve.js'

const topics = [{ pattern: '*', badge: true, history: 'readers' as const }]
/** As if the process used all of its memory. */
const limits = { memoryShare: 1e-9 }

test.each(['/api/counts?topic=a', '/api/counts/a', '/badge/a.svg', '/badge/a.json', '/api/counts/a/history'])(
  'while memory is short, %s is refused with the time of a retry',
  async (path) => {
    const { get, metric } = await serve({ limits, topics, origins: ['https://a.example'] })
    const response = await get(path, { headers: { origin: 'https://a.example' } })
    expect(response.headers.get('retry-after')).toBe('5')
    expect(response.headers.get('access-control-allow-origin')).toBe('https://a.example')
    await expectProblem(response, 'overloaded')
    expect(await metric('http_refused_total{code="overloaded"}')).toBe(1)
  },
)

test('while memory is short, a connection with a large head is closed without a response', async () => {
  const { port, metric } = await serve({ limits, topics })
  const client = new RawClient(port)
  client.get(`/healthz?${'x'.repeat(8_000)}`, '/healthz')
  await until('the end', () => client.isClosed)
  expect(client.responses).toBe(0)
  expect(await metric('http_refused_total{code="overloaded"}')).toBe(1)
})

test("while memory is short, the application's requests are its own", async () => {
  const { headcount } = await serve({ limits })
  const url = await listen((request, response) => headcount.handle(request, response, () => response.end('mine')))
  expect(await (await fetch(`${url}/page?${'x'.repeat(8_000)}`)).text()).toBe('mine')
})

test.each([
  ['/healthz', 200],
  ['/headcount.js', 200],
  ['/api/topics', 401],
])('while memory is short, %s is answered with %i', async (path, status) => {
  const { get } = await serve({ limits, topics })
  expect((await get(path)).status).toBe(status)
})
