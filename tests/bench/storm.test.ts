import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '@headcount/tools/processes/child.mjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bench = fileURLToPath(new URL('../../bench/main.mjs', import.meta.url))
const clients = 1000

describe('the benchmark of a storm, as anyone runs it', () => {
  let folder: string
  let figures: Record<string, number>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headcount-bench-'))
    const out = join(folder, 'results.json')
    const args = ['storm', '--n', String(clients), '--only', 'headcount', '--repeats', '1', '--out', out]
    const child = new Child(process.execPath, [bench, ...args])
    const { code } = await child.exited
    expect(code, child.output).toBe(0)
    const { measured, failed } = JSON.parse(await readFile(out, 'utf8'))
    expect(failed).toEqual([])
    figures = measured[0].figures
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('finds nobody wrong, nobody lost and nobody left out', () => {
    expect(figures).toMatchObject({ wrong: 0, off: 0, lost: 0, missing: 0 })
  })

  it('costs at most a fiftieth of a frame for every pair of clients, answers to joins among them', () => {
    // Every client is answered and told a state, and hears of somebody who came with it or after it.
    expect(figures.frames).toBeGreaterThanOrEqual(clients * 2)
    expect(figures.frames).toBeLessThanOrEqual((clients * clients) / 50)
  })

  it('costs at most a fiftieth of the bytes that one diff of 150 a join to every member would', () => {
    expect(figures.bytes).toBeLessThanOrEqual(((clients * clients) / 50) * 150)
  })
})
