import { readFileSync } from 'node:fs'
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { expect, test } from 'vitest'
import { metricRows } from '../test/metric-rows.js'
import { createMetrics } from './prometheus.js'

const read = (path: string) => readFileSync(new URL(`../../../../deploy/${path}`, import.meta.url), 'utf8')
const alerts = read('prometheus/alerts.yml')
const alertNames = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!)

/** The names of all series, including the parts of histograms. */
async function seriesNames(): Promise<Set<string>> {
  const own = metricRows.map(({ name, type }) => [name, type] as const)
  const types = [...(await createMetrics().text()).matchAll(/^# TYPE (\w+) (\w+)$/gm)]
  const all = [...own, ...types.map(([, name, type]) => [name!, type!] as const)]
  const parts = all.flatMap(([name, type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
  )
  return new Set([...parts, 'headcount_workers', 'headcount_workers_restarted_total'])
}

/** The metrics in queries: words with the prefix of this server's metrics. */
const metricsIn = (text: string) => [...text.matchAll(/\b(?:headcount|process|nodejs)_\w+/g)].map(([name]) => name)

interface Panel {
  readonly id: number
  readonly type: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

interface Dashboard {
  readonly schemaVersion: number
  readonly title: string
  readonly uid: string
  readonly templating: { readonly list: readonly { readonly name: string; readonly multi: boolean }[] }
  readonly panels: readonly Panel[]
}

const dashboard = (): Dashboard => JSON.parse(read('grafana/headcount.json'))
const queries = () => dashboard().panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

test('every metric in the alert rules exists', async () => {
  const names = await seriesNames()
  const used = metricsIn(alerts.replace(/^ *#.*$/gm, ''))
  expect(used.length).toBeGreaterThan(alertNames.length)
  expect(used.filter((name) => !names.has(name))).toEqual([])
})

test('every metric in the dashboard exists, and it shows all kinds of refusals', async () => {
  const names = await seriesNames()
  const used = queries().flatMap(metricsIn)
  expect(used.filter((name) => !names.has(name))).toEqual([])
  for (const name of ['headcount_refused_total', 'headcount_refused_upgrades_total', 'headcount_http_refused_total'])
    expect(used).toContain(name)
})

test('every label in the rules and the dashboard exists on its metric', () => {
  const labels = new Set(metricRows.flatMap((row) => row.labels).concat('instance', 'le', 'job'))
  const grouped = [alerts, ...queries()].flatMap((text) => [...text.matchAll(/by \(([\w, ]+)\)/g)])
  const used = grouped.flatMap(([, list]) => list!.split(', '))
  expect(used.filter((label) => !labels.has(label))).toEqual([])
})

test('docs/OPERATIONS.md has a row for every alert, in order, with its severity and what to do', () => {
  const severities = [...alerts.matchAll(/severity: (\w+)/g)].slice(-alertNames.length).map(([, severity]) => severity)
  const rows = docRows('OPERATIONS.md', 'Alerts')
  expect(rows.map(([name, severity]) => [name, severity])).toEqual(alertNames.map((name, i) => [name, severities[i]]))
  for (const [, , meaning, action] of rows) for (const cell of [meaning, action]) expect(cell).toMatch(/^.{15,}\.$/)
})

test('the dashboard is for one instance or many: every query filters by the variable', () => {
  const { schemaVersion, title, uid, templating } = dashboard()
  expect({ schemaVersion, title, uid }).toEqual({ schemaVersion: 39, title: 'Headcount', uid: 'headcount' })
  expect(templating.list).toMatchObject([{ name: 'datasource' }, { name: 'instance', multi: true, includeAll: true }])
  for (const query of queries()) {
    const selectors = query.match(/\b(?:headcount|process)_\w+(\{[^}]*\})?/g) ?? []
    expect(selectors.length).toBeGreaterThan(0)
    for (const selector of selectors) expect(selector).toContain('instance=~"$instance"')
  }
})

test('panels of the dashboard have unique ids and do not overlap', () => {
  const { panels } = dashboard()
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
})
