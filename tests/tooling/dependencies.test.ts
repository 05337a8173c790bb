import { expect, test } from 'vitest'
import { installedWith } from '../../scripts/lib/licenses.mjs'

const namesOf = (folder: string) => [...installedWith(folder).keys()].map((path) => path.split('node_modules/').at(-1))

const ofServer = ['@hono/node-server', '@opentelemetry/api', 'bintrees', 'hono', 'jose', 'prom-client', 'tdigest']

test.each([
  ['core', []],
  ['client', []],
  ['server', ofServer],
])('the package %s installs no other packages than these', (folder, expected) => {
  expect(namesOf(folder).sort()).toEqual(expected)
})

test('the command installs neither vitest nor fast-check', () => {
  const names = namesOf('headcount')
  expect(names).toEqual(expect.arrayContaining([...ofServer, '@redis/client', 'pino', 'ws']))
  for (const name of ['fast-check', 'vitest']) expect(names).not.toContain(name)
})
