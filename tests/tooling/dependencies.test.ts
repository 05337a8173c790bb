import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

interface Installed {
  readonly link?: true
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const lock = fileURLToPath(new URL('../../package-lock.json', import.meta.url))
const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as { packages: Readonly<Record<string, Installed>> }

/** The packages of others that npm installs with one of ours: without development, and without optional peers. */
function installedWith(name: string): string[] {
  const found = new Set([name])
  // Further names are visited as they are added.
  for (const each of found) {
    const entry = packages[`node_modules/${each}`]
    const { dependencies = {} } = (entry?.link ? packages[entry.resolved ?? ''] : entry) ?? {}
    for (const dependency of Object.keys(dependencies)) found.add(dependency)
  }
  return [...found].filter((each) => packages[`node_modules/${each}`]?.link === undefined).sort()
}

const ofServer = ['@hono/node-server', '@opentelemetry/api', 'bintrees', 'hono', 'jose', 'prom-client', 'tdigest']

test.each([
  ['@headcount/core', []],
  ['@headcount/client', []],
  ['@headcount/server', ofServer],
])('%s installs no other packages than these', (name, expected) => {
  expect(installedWith(name)).toEqual(expected)
})

test('the command installs no test runner and no random schedules', () => {
  const installed = installedWith('headcount')
  expect(installed).toEqual(expect.arrayContaining([...ofServer, '@redis/client', 'pino', 'ws']))
  expect(installed).not.toEqual(expect.arrayContaining(['fast-check']))
  expect(installed).not.toEqual(expect.arrayContaining(['vitest']))
})
