import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '@headcount/tools/processes/child.mjs'
import { pathOf } from '@headcount/tools/processes/programs.mjs'
import { isReady, Service, startOnFreePort } from '@headcount/tools/processes/service.mjs'

const rules = fileURLToPath(new URL('../../deploy/prometheus/alerts.yml', import.meta.url))
const ms = { s: 1_000, m: 60_000, h: 3_600_000 }

/** The rules with all times divided by a factor; their thresholds do not change, except times. */
export function quickened(text: string, times: number): string {
  const shorter = (length: string, unit: string) => `${(Number(length) * ms[unit as keyof typeof ms]) / times}ms`
  return text
    .replace(/for: (\d+)([smh])/g, (_, length, unit) => `for: ${shorter(length, unit)}`)
    .replace(/\[(\d+)([smh])\]/g, (_, length, unit) => `[${shorter(length, unit)}]`)
    .replace(/(webhook_delay_seconds > )(\d+)/, (_, begin, seconds) => `${begin}${Number(seconds) / times}`)
}

/**
 * Starts a Prometheus with the faster alert rules.
 * @param targets the addresses of operator ports, by instance name.
 */
export async function startPrometheus(targets: Readonly<Record<string, string>>, times: number) {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-prometheus-'))
  const config = {
    global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
    rule_files: ['alerts.yml'],
    scrape_configs: [
      {
        job_name: 'headcount',
        static_configs: Object.entries(targets).map(([instance, target]) => ({
          targets: [target],
          labels: { instance },
        })),
      },
    ],
  }
  // JSON is YAML.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config))
  await writeFile(join(folder, 'alerts.yml'), quickened(await readFile(rules, 'utf8'), times))
  const service = await startOnFreePort((port) => {
    const args = ['--config.file=prometheus.yml', `--storage.tsdb.path=${folder}/data`]
    const launch = () =>
      new Child(pathOf('prometheus'), [...args, `--web.listen-address=127.0.0.1:${port}`], { cwd: folder })
    return new Service(port, launch, () => isReady(`http://127.0.0.1:${port}/-/ready`))
  })
  return {
    /** The alerts that fire, each with its instance, in order. */
    async firing(): Promise<string[]> {
      const response = await fetch(`http://127.0.0.1:${service.port}/api/v1/alerts`)
      const { data } = (await response.json()) as { data: { alerts: Alert[] } }
      const all = data.alerts.filter(({ state }) => state === 'firing')
      return [...new Set(all.map(({ labels }) => `${labels.alertname} ${labels.instance ?? ''}`.trim()))].sort()
    },
    async stop(): Promise<void> {
      await service.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Alert {
  readonly state: 'pending' | 'firing'
  readonly labels: Readonly<Record<string, string>>
}
