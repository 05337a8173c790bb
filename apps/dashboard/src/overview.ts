import type { BusiestPage, ReplicaStatus, ReplicasReport } from '@headcount/server'
import { type Api, Refused } from './api.js'
import { Chart } from './chart.js'
import { type Column, figures, h, replace, table } from './dom.js'
import { count, groups, rate, shortId, time } from './format.js'
import type { Page } from './page.js'
import { Rates, Series } from './series.js'
import { spark } from './spark.js'

/** The subjects of the counters of refusals. */
const refusals: Readonly<Record<string, string>> = {
  refused: 'join or push',
  refused_upgrades: 'upgrade',
  http_refused: 'HTTP',
  invalid_tokens: 'token',
  invalid_keys: 'operator key',
  server_closes: 'closed socket',
  limited: 'beyond a limit',
}

type Topic = BusiestPage['topics'][number]
/** The answer of /api/topics, in which `next` is a cursor. */
type Busiest = Omit<BusiestPage, 'next'> & { readonly next: string | null }
type Replica = ReplicasReport['replicas'][number]

/** The whole cluster: sockets, joins, the busiest topics, replicas, refusals. */
export class Overview implements Page {
  readonly title = 'Overview'
  readonly interval = 5_000
  readonly #top = h('div')
  readonly #topics = h('div')
  readonly #rest = h('div')
  readonly #charts = { sockets: new Chart('Sockets'), joins: new Chart('Joins'), lag: new Chart('Event loop lag') }
  readonly #series = { sockets: new Series(), joins: new Series(), lag: new Series() }
  readonly #joins = new Rates()
  readonly #counts = new Map<string, Series>()
  readonly #prefix = h('input', { type: 'search', autocomplete: 'off', spellcheck: 'false' })
  readonly #sort = h('select', {}, h('option', { value: 'count' }, 'Count'), h('option', { value: 'joins' }, 'Joins'))

  constructor(element: Element, refresh: () => void) {
    const filter = h(
      'form',
      { onsubmit: (event: Event) => event.preventDefault(), onchange: refresh },
      h('label', {}, 'Topics that begin with', this.#prefix),
      h('label', {}, 'Sorted by', this.#sort),
    )
    const charts = h('div', { class: 'charts' }, ...Object.values(this.#charts).map(({ element: one }) => one))
    element.replaceChildren(h('h1', {}, 'Overview'), this.#top, charts, h('h2', {}, 'Busiest topics'), filter)
    element.append(this.#topics, this.#rest)
  }

  async poll(api: Api, signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({ sort: this.#sort.value, prefix: this.#prefix.value, limit: '50' })
    // One after the other: two requests with a wrong key count twice.
    const replicas = await api.json<ReplicasReport>('/api/replicas', signal)
    const busiest = await api.json<Busiest>(`/api/topics?${query}`, signal).catch((error: unknown) => {
      // The rest says what is wrong.
      if (error instanceof Refused && error.status === 503) return error
      throw error
    })
    const now = Date.now()
    this.#showReplicas(now, replicas)
    if (!(busiest instanceof Refused)) return this.#showTopics(now, busiest)
    for (const series of this.#counts.values()) series.add(now, null)
    replace(this.#topics, h('p', { class: 'bad' }, `The busiest topics are not known: ${busiest.message}.`))
  }

  missed(at: number): void {
    for (const series of [...Object.values(this.#series), ...this.#counts.values()]) series.add(at, null)
    this.#joins.reset()
  }

  #showReplicas(now: number, { lease, isReachable, replicas }: ReplicasReport): void {
    const known = replicas.flatMap(({ status }) => (status === null ? [] : [status]))
    const of = (name: 'sockets' | 'channels' | 'observers' | 'streams'): number =>
      known.reduce((sum, status) => sum + status[name], 0)
    const lag = Math.max(0, ...known.map((status) => status.lag))
    const joined = replicas.flatMap(({ replica, status }) =>
      status === null || status.joins === null ? [] : [[replica, status.joins] as const],
    )
    const values = { sockets: of('sockets'), joins: this.#joins.next(now, joined), lag }
    const labels = { sockets: 'open', joins: 'a second', lag: 'ms, the largest of all replicas' }
    const isMissing = known.length < replicas.length
    for (const name of ['sockets', 'joins', 'lag'] as const) {
      // A sum without a replica would look as if its clients had left.
      const isKnown = name === 'lag' || (isReachable && !isMissing)
      this.#series[name].add(now, isKnown ? values[name] : null)
      this.#charts[name].show({ label: labels[name], ...this.#series[name] })
    }
    const sums = ['channels', 'observers', 'streams'] as const
    replace(
      this.#top,
      isReachable ? null : h('p', { class: 'bad' }, 'The engine cannot be reached: this replica is shown alone.'),
      isMissing ? h('p', { class: 'bad' }, 'A replica did not answer: sums are without it.') : null,
      figures([
        ['Replicas', count(replicas.length)],
        ['Sockets', count(values.sockets)],
        ...sums.map((name) => [name[0]?.toUpperCase() + name.slice(1), count(of(name))] as const),
      ]),
    )
    const title = `Replicas of this cluster. A lease lasts ${time(lease)}.`
    replace(
      this.#rest,
      h('h2', {}, 'Replicas'),
      table(title, replicaColumns(lease), replicas),
      h('h2', {}, 'Refused and closed'),
      table('Since each replica started, by code. docs/ERRORS.md explains each.', refusalColumns, refused(known)),
    )
  }

  #showTopics(now: number, { topics, othersAtMost, unanswered, next }: Busiest): void {
    const shown = new Set(topics.map(({ topic }) => topic))
    for (const topic of [...this.#counts.keys()]) if (!shown.has(topic)) this.#counts.delete(topic)
    for (const { topic, count: value } of topics) {
      const series = this.#counts.get(topic) ?? new Series()
      this.#counts.set(topic, series)
      series.add(now, value)
    }
    const most = rate(othersAtMost)
    const bound = this.#sort.value === 'count' ? `a count of at most ${most}` : `at most ${most} joins a second`
    const more = next === null ? '' : ` Further topics have ${bound}, or less than these.`
    const missing = unanswered.length === 0 ? '' : ` ${unanswered.length} replicas did not answer.`
    const columns: Column<Topic>[] = [
      ['Topic', ({ topic }) => h('a', { href: topicLink(topic) }, topic), 'name'],
      ['Count', (topic) => count(topic.count), 'number'],
      ['Since this page is open', ({ topic }) => spark(this.#counts.get(topic)?.values ?? [])],
      ['By group', (topic) => groups(topic.counts)],
      ['Joins a second', ({ joins }) => rate(joins), 'number'],
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
  const renewed = ({ leaseAge }: Replica) =>
    h('span', { class: leaseAge > lease / 2 ? 'bad' : undefined }, `${time(leaseAge)} ago`)
  return [
    ['Replica', ({ replica, isAsked }) => `${shortId(replica)}${isAsked ? ' (this one)' : ''}`, 'name'],
    ['State', stateOf],
    ['Host', of(({ host, pid }) => `${host}, process ${pid}`), 'name'],
    ['Version', of(({ version }) => version)],
    ['Up', of(({ uptime }) => time(uptime * 1000)), 'number'],
    ['Lease renewed', renewed, 'number'],
    ['Sockets', of(({ sockets }) => count(sockets)), 'number'],
    ['Topics', of(({ topics }) => count(topics)), 'number'],
    ['Lag', of(({ lag }) => time(lag)), 'number'],
    ['Age of counts', of(({ staleness }) => time(staleness)), 'number'],
  ]
}

function stateOf({ status }: Replica): Node {
  if (status === null) return h('span', { class: 'bad' }, 'did not answer')
  return status.trouble === null ? h('span', { class: 'good' }, 'ready') : h('span', { class: 'bad' }, status.trouble)
}

type Refusal = ReplicaStatus['refused'][number]

const refusalColumns: Column<Refusal>[] = [
  ['Code', ({ code }) => h('code', {}, code), 'name'],
  ['Of', ({ counter }) => refusals[counter] ?? counter],
  ['How often', ({ times }) => count(times), 'number'],
]

/** Those of all replicas, the most frequent first. */
function refused(statuses: readonly ReplicaStatus[]): Refusal[] {
  const sums = new Map<string, Refusal>()
  for (const { counter, code, times } of statuses.flatMap((status) => status.refused)) {
    const key = `${counter} ${code}`
    sums.set(key, { counter, code, times: times + (sums.get(key)?.times ?? 0) })
  }
  return [...sums.values()].sort((a, b) => b.times - a.times)
}
