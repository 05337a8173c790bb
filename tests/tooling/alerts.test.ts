import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createMetrics } from '@headcount/server'
import { pathOf } from '@headcount/tools/processes/programs.mjs'
import { expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { testFolder } from '../support/test-folder.js'

const folder = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url))
const execute = promisify(execFile)
const promtool = (cwd: string, ...args: string[]) => execute(pathOf('promtool'), args, { cwd })

describeWith('promtool', 'the alert rules', () => {
  it('are valid, and pass their tests', async () => {
    await promtool(folder, 'check', 'rules', 'alerts.yml')
    const { stdout } = await promtool(folder, 'test', 'rules', 'alerts.test.yml')
    expect(stdout).toContain('SUCCESS')
  }, 60_000)

  it('each have a test in which they fire, and none fires in the last one', async () => {
    const [rules, tests] = await Promise.all(
      ['alerts.yml', 'alerts.test.yml'].map((file) => readFile(join(folder, file), 'utf8')),
    )
    const names = [...rules!.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!)
    expect(names.length).toBeGreaterThan(15)
    for (const name of names) expect(tests).toContain(`labels: '{alertname="${name}",`)
    expect(tests).toMatch(/exp_samples: \[\] \}\n$/)
  })

  it('fail their tests with a changed threshold', async () => {
    const rules = await readFile(join(folder, 'alerts.yml'), 'utf8')
    const copy = testFolder({
      'alerts.yml': rules.replace('headcount_staleness_seconds > 5', '$& * 1e6'),
      'alerts.test.yml': await readFile(join(folder, 'alerts.test.yml'), 'utf8'),
    })
    await expect(promtool(copy, 'test', 'rules', 'alerts.test.yml')).rejects.toThrow('HeadcountCountsStale')
  })

  it('use metrics that promtool accepts', async () => {
    const metrics = createMetrics({ process: false })
    metrics.gauge('presences', () => [{ labels: ['video:*', 'users'], value: 1 }])
    metrics.gauge('lease_age_seconds', () => 1.5)
    metrics.observe('visible', 0.02, 'video:*')
    const text = await metrics.text()
    const child = execute(pathOf('promtool'), ['check', 'metrics'])
    child.child.stdin!.end(`${text}`)
    expect((await child).stderr).toBe('')
  })
})
