import cluster from 'node:cluster'
import { silentLogger } from '@headcount/core'
import { expect, onTestFinished, test } from 'vitest'
import { loadSettings } from '../settings/load.js'
import { enginesOf } from './engines.js'

test.each([
  [false, 0],
  [true, 1],
])('in memory, where the process is a worker of node:cluster (%s), %i warnings are logged', async (isWorker, count) => {
  const settings = await loadSettings({ flags: new Map(), env: {}, cwd: import.meta.dirname })
  Object.assign(cluster, { isWorker })
  onTestFinished(() => void Object.assign(cluster, { isWorker: false }))
  const logged: object[] = []
  const { alone } = await enginesOf(settings, { ...silentLogger, warn: (fields) => void logged.push(fields) })
  alone()
  expect(logged).toHaveLength(count)
})
