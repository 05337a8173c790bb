import { expect, test } from 'vitest'
import { parseOptions } from './options.mjs'

test('a flag overrides the environment, and the environment the default', () => {
  expect(parseOptions([], {})).toMatchObject({ host: '127.0.0.1', port: 4000, redis: [], allowedHosts: [] })
  const env = { PORT: '80', HEADCOUNT_PORT: '4001', HEADCOUNT_REDIS_URL: 'redis://a,redis://b' }
  expect(parseOptions([], env)).toMatchObject({ port: 4001, redis: ['redis://a', 'redis://b'] })
  expect(parseOptions(['--port', '0'], env)).toMatchObject({ port: 0 })
})

test('a Kubernetes service link is not a port', () => {
  expect(parseOptions([], { HEADCOUNT_PORT: 'tcp://10.0.0.1:4000' })).toMatchObject({ port: 4000 })
})

test.each([
  [['--port', 'http'], {}, '--port: expected a whole number from 0 to 65535, got http'],
  [[], { HEADCOUNT_JWT_SECRET: 'short' }, 'HEADCOUNT_JWT_SECRET: expected 32 bytes or more, got 5'],
  [['--colour'], {}, "Unknown option '--colour'"],
  [['--colour'], {}, 'npm start -- --help lists them'],
  // As npm passes on the flag of `npm start --port 4001`.
  [['4001'], {}, 'Flags follow "--", as in npm start -- --port 4001'],
])('%j with %j is refused', (args, env, message) => {
  expect(() => parseOptions(args, env)).toThrow(message)
})
