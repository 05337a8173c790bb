import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '@headcount/tools/processes/child.mjs'
import { expect, it, onTestFinished } from 'vitest'

const bench = fileURLToPath(new URL('../../bench/main.mjs', import.meta.url))

it('a storm in the benchmark ends exact, and takes at most a fiftieth of a diff per pair of clients', async () => {
  const clients = 1000
  const folder = await mkdtemp(join(tmpdir(), 'headcount-bench-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const out = join(folder, 'results.json')
  const args = ['storm', '--n', String(clients), '--only', 'headcount', '--cold', '--repeats', '1', '--out', out]
  const child = new Child(process.execPath, [bench, ...args])
  const { code } = await child.exited
  expect(code, child.output).toBe(0)
  const { figures } = JSON.parse(await readFile(out, 'utf8')).measured[0]
  expect(figures).toMatchObject({ wrong: 0, off: 0, lost: 0, missing: 0 })
  // Every client gets a reply, a state and a diff of its own join or a later one; a diff is 150 bytes.
  const pairs = clients * clients
  expect(figures.frames).toBeGreaterThanOrEqual(clients * 2)
  expect(figures.frames).toBeLessThanOrEqual(pairs / 50)
  expect(figures.MB * 1e6).toBeLessThanOrEqual((pairs / 50) * 150)
}, 60_000)
