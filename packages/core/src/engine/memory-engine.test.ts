import { expect, test } from 'vitest'
import { MemoryCluster, memoryEngine } from './memory-engine.js'

const options = { groups: 2, lease: 10_000, changed: () => {} }

test('a replica with another number of groups cannot join the cluster', async () => {
  const cluster = new MemoryCluster()
  await cluster.engine().open('r1', options)
  const other = cluster.engine().open('r2', { ...options, groups: 3 })
  await expect(other).rejects.toThrow('groups: expected 2, as in the rest of the cluster, got 3')
})

test('an engine that is not open refuses to watch and commit, and an open one refuses to open again', async () => {
  const engine = memoryEngine()
  await expect(engine.watch('a')).rejects.toThrow('the engine is closed, or was never opened')
  await engine.open('r1', options)
  const expected = 'engine: expected one for each server, got one that is already open'
  await expect(engine.open('r2', options)).rejects.toThrow(expected)
  await engine.close()
  await expect(engine.commit([])).rejects.toMatchObject({ code: 'closed' })
})
