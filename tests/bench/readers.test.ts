import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '@headcount/tools/processes/child.mjs'
import { expect, it, onTestFinished } from 'vitest'

const bench = fileURLToPath(new URL('../../bench/main.mjs', import.meta.url))

/** Runs a scenario once, and returns its figures. */
async function run(scenario: string, size: number): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-bench-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const out = join(folder, 'results.json')
  const args = [scenario, '--n', String(size), '--cold', '--repeats', '1', '--out', out]
  const child = new Child(process.execPath, [bench, ...args])
  const { code } = await child.exited
  expect(code, child.output).toBe(0)
  return JSON.parse(await readFile(out, 'utf8')).measured[0].figures
}

it('of observers, readers and viewers of one topic, only the viewers are counted, and all show it', async () => {
  const figures = await run('readers', 100)
  expect(figures).toMatchObject({ missing: 0, lost: 0, wrong: 0, 'viewers counted': 100 })
  expect(figures.frames).toBeGreaterThanOrEqual(3 * 50 * 100)
}, 120_000)

it('a change of one topic of a list is one event of a stream, and one frame of a socket', async () => {
  const figures = await run('list', 100)
  expect(figures).toMatchObject({
    missing: 0,
    counted: 120,
    // The head of the response precedes the first event.
    'stream: frames at the start': 101,
    'stream: frames per change': 1,
    // A reply and a state for each topic.
    'socket: frames at the start': 200,
    'socket: frames per change': 1,
  })
}, 120_000)
