import { type Api, type BusiestPage, Refused, type Replica, type ReplicasReport } from './api.js'
import { Chart } from './chart.js'
import { type Column, figures, h, replace, table } from './dom.js'
import { count, groups, rate, shortId, time } from './format.js'
import { total, type Values, valuesOf } from './metrics.js'
import type { Page } from './page.js'
import { Rate, Series } from './series.js'
import { spark } from './spark.js'

/** Counters of what was refused or cut off, and what they are about. */
const refusals = [
  ['refused_total', 'join or push'],
  ['refused_upgrades_total', 'upgrade'],
  ['http_refused_total', 'HTTP'],
  ['invalid_tokens_total', 'token'],
  ['invalid_keys_total', 'operator key'],
  ['server_closes_total', 'closed socket'],
  ['limited_total', 'beyond a limit'],
] as const

/** How often the metrics are read, in ms: with many sockets they take the server tens of ms. */
const metricsInterval = 10_000

/** Of one replica, or of all. */
const sums = ['sockets', 'channels', 'observers', 'streams'] as const
type Sum = (typeof sums)[number]
const titleOf = (name: Sum): string => name[0]?.toUpperCase() + name.slice(1)

type Topic = BusiestPage['topics'][number]

/** The whole cluster: sockets, joins, the busiest topics, replicas, refusals. */
export class Overview implements Page {
  readonly title = 'Overview'
  readonly interval = 5_000
  readonly #top = h('div')
  readonly #plots = h('div', { class: 'charts' })
  readonly #topics = h('div')
  readonly #replicas = h('div')
  readonly #refused = h('div')
  readonly #charts = { sockets: new Chart('Sockets'), joins: new Chart('Joins'), lag: new Chart('Event loop lag') }
  readonly #series = { sockets: new Series(), joins: new Series(), lag: new Series() }
  readonly #joins = new Rate()
  readonly #counts = new Map<string, Series>()
  #metrics = { at: Number.NEGATIVE_INFINITY, text: '', joins: null as number | null }
  readonly #prefix = h('input', { type: 'search', autocomplete: 'off', spellcheck: 'false' })
  readonly #sort = h('select', {}, h('option', { value: 'count' }, 'People'), h('option', { value: 'joins' }, 'Joins'))

  constructor(element: Element, refresh: () => void) {
    const filter = h(
      'form',
      { onsubmit: (event: Event) => event.preventDefault(), onchange: refresh },
      h('label', {}, 'Topics that begin with', this.#prefix),
      h('label', {}, 'Sorted by', this.#sort),
    )
    this.#plots.append(...Object.values(this.#charts).map(({ element: one }) => one))
    element.replaceChildren(h('h1', {}, 'Overview'), this.#top, this.#plots, h('h2', {}, 'Busiest topics'), filter)
    element.append(this.#topics, this.#replicas, this.#refused)
  }

  async poll(api: Api, signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({ sort: this.#sort.value, prefix: this.#prefix.value, limit: '50' })
    try {
      const [replicas, busiest] = await Promise.all([
        api.json<ReplicasReport>('/api/replicas', signal),
        api.json<BusiestPage>(`/api/topics?${query}`, signal),
      ])
      const now = await this.#readMetrics(api, signal)
      this.#showReplicas(now, replicas)
      this.#showTopics(now, busiest)
    } catch (error) {
      // The engine cannot be reached: the replica that was asked still knows its own numbers.
      if (error instanceof Refused && error.status === 503) {
        await this.#readMetrics(api, signal)
        this.#showOwn()
      }
      throw error
    }
  }

  /** Reads the metrics, where they are old. @returns the time. */
  async #readMetrics(api: Api, signal: AbortSignal): Promise<number> {
    const now = Date.now()
    if (now - this.#metrics.at < metricsInterval) return now
    const text = await api.text('/metrics', signal)
    // The second reading comes soon, so that joins are known.
    const at = this.#metrics.text === '' ? now - metricsInterval + this.interval : now
    this.#metrics = { at, text, joins: this.#joins.next(now, total(valuesOf(text, 'joins_total'))) }
    const title = 'Since this replica started, by code. docs/ERRORS.md explains each.'
    replace(this.#refused, h('h2', {}, 'Refused and closed'), table(title, refusalColumns, refused(text)))
    return now
  }

  #showOwn(): void {
    const own = (name: Sum): number => total(valuesOf(this.#metrics.text, name))
    const note = h('p', { class: 'bad' }, 'The cluster cannot be read: these are numbers of this replica alone.')
    replace(this.#top, note, figures(sums.map((name) => [titleOf(name), count(own(name))])))
    this.#plots.hidden = this.#replicas.childElementCount === 0
  }

  missed(at: number): void {
    for (const series of [...Object.values(this.#series), ...this.#counts.values()]) series.add(at, null)
    this.#joins.reset()
    this.#metrics.at = Number.NEGATIVE_INFINITY
  }

  #showReplicas(now: number, { lease, replicas }: ReplicasReport): void {
    const known = replicas.flatMap(({ status }) => (status === null ? [] : [status]))
    const of = (name: Sum): number => known.reduce((sum, status) => sum + status[name], 0)
    const lag = Math.max(0, ...known.map((status) => status.lag))
    const { joins } = this.#metrics
    const values = { sockets: of('sockets'), joins, lag }
    const labels = { sockets: 'open', joins: 'a second, on this replica', lag: 'ms, the largest of all replicas' }
    this.#plots.hidden = false
    for (const name of ['sockets', 'joins', 'lag'] as const) {
      this.#series[name].add(now, values[name])
      this.#charts[name].show({ label: labels[name], ...this.#series[name] })
    }
    const isMissing = known.length < replicas.length
    replace(
      this.#top,
      isMissing ? h('p', { class: 'bad' }, 'A replica did not answer: sums are without it.') : null,
      figures([['Replicas', count(replicas.length)], ...sums.map((name) => [titleOf(name), count(of(name))] as const)]),
    )
    const title = `Replicas of this cluster. A lease lasts ${time(lease)}.`
    replace(this.#replicas, h('h2', {}, 'Replicas'), table(title, replicaColumns(lease), replicas))
  }

  #showTopics(now: number, { topics, othersAtMost, unanswered, next }: BusiestPage): void {
    const shown = new Set(topics.map(({ topic }) => topic))
    for (const topic of [...this.#counts.keys()]) if (!shown.has(topic)) this.#counts.delete(topic)
    for (const { topic, count: value } of topics) {
      const series = this.#counts.get(topic) ?? new Series()
      this.#counts.set(topic, series)
      series.add(now, value)
    }
    const unit = this.#sort.value === 'count' ? 'people' : 'joins a second'
    const more = next === null ? '' : ` Further topics have at most ${rate(othersAtMost)} ${unit}, or less than these.`
    const missing = unanswered.length === 0 ? '' : ` ${unanswered.length} replicas did not answer.`
    const columns: Column<Topic>[] = [
      { title: 'Topic', kind: 'name', cell: ({ topic }) => h('a', { href: topicLink(topic) }, topic) },
      { title: 'People', kind: 'number', cell: (topic) => count(topic.count) },
      { title: 'Since this page is open', cell: ({ topic }) => spark(this.#counts.get(topic)?.values ?? []) },
      { title: 'By group', cell: (topic) => groups(topic.counts) },
      { title: 'Joins a second', kind: 'number', cell: ({ joins }) => rate(joins) },
    ]
    replace(this.#topics, table(`${busiest(topics.length)}${more}${missing}`, columns, topics))
  }
}

function busiest(size: number): string {
  if (size === 0) return 'No topic has anyone in it.'
  return size === 1 ? 'The busiest topic.' : `The ${size} busiest topics.`
}

export const topicLink = (topic: string): string => `#/topic/${encodeURIComponent(topic)}`

const replicaColumns = (lease: number): Column<Replica>[] => {
  const of =
    <T>(read: (status: NonNullable<Replica['status']>) => T) =>
    ({ status }: Replica) =>
      status === null ? '–' : read(status)
  return [
    {
      title: 'Replica',
      kind: 'name',
      cell: ({ replica, isAsked }) => `${shortId(replica)}${isAsked ? ' (this one)' : ''}`,
    },
    { title: 'State', cell: stateOf },
    { title: 'Host', kind: 'name', cell: of(({ host, pid }) => `${host}, process ${pid}`) },
    { title: 'Version', cell: of(({ version }) => version) },
    { title: 'Up', kind: 'number', cell: of(({ uptime }) => time(uptime * 1000)) },
    {
      title: 'Lease renewed',
      kind: 'number',
      cell: ({ leaseAge }) => h('span', { class: leaseAge > lease / 2 ? 'bad' : undefined }, `${time(leaseAge)} ago`),
    },
    { title: 'Sockets', kind: 'number', cell: of(({ sockets }) => count(sockets)) },
    { title: 'Topics', kind: 'number', cell: of(({ topics }) => count(topics)) },
    { title: 'Lag', kind: 'number', cell: of(({ lag }) => time(lag)) },
    { title: 'Age of counts', kind: 'number', cell: of(({ staleness }) => time(staleness)) },
  ]
}

function stateOf({ status }: Replica): Node {
  if (status === null) return h('span', { class: 'bad' }, 'did not answer')
  return status.trouble === null ? h('span', { class: 'good' }, 'ready') : h('span', { class: 'bad' }, status.trouble)
}

interface Refusal {
  readonly about: string
  readonly code: string
  readonly value: number
}

const refusalColumns: Column<Refusal>[] = [
  { title: 'Code', kind: 'name', cell: ({ code }) => h('code', {}, code) },
  { title: 'Of', cell: ({ about }) => about },
  { title: 'How often', kind: 'number', cell: ({ value }) => count(value) },
]

function refused(metrics: string): Refusal[] {
  const rowsOf = (values: Values, about: string): Refusal[] =>
    [...values].map(([code, value]) => ({ about, code, value }))
  return refusals
    .flatMap(([name, about]) => rowsOf(valuesOf(metrics, name), about))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
}
