import type { ReplicaPart, TopicReport } from '@headcount/server'
import { type Api, Refused } from './api.js'
import { Chart } from './chart.js'
import { type Column, figures, h, replace, table } from './dom.js'
import { count, groups, shortId, sum, time } from './format.js'
import { type History, linesOf } from './history.js'
import type { Page } from './page.js'
import { Series } from './series.js'

/** How often the history is read, in ms: it has a value a minute. */
const historyInterval = 30_000

/** One topic: its number taken apart, and its last hour. */
export class TopicPage implements Page {
  readonly interval = 2_000
  readonly #why = h('div')
  readonly #past = h('div')
  readonly #live = new Series()
  readonly #chart = new Chart('Count')
  #historyAt = Number.NEGATIVE_INFINITY
  #history: History | 'none' = 'none'

  /** @param title the topic. */
  constructor(
    element: Element,
    readonly title: string,
  ) {
    element.replaceChildren(h('h1', {}, title), this.#why, h('h2', {}, 'Last hour'), this.#chart.element, this.#past)
  }

  async poll(api: Api, signal: AbortSignal): Promise<void> {
    const report = await api.json<TopicReport>(`/api/topics/${encodeURIComponent(this.title)}`, signal)
    const now = Date.now()
    this.#live.add(now, sum(report.totals))
    this.#showReport(report)
    if (now - this.#historyAt >= historyInterval) {
      this.#historyAt = now
      this.#history = await this.#readHistory(api, signal)
    }
    this.#showPast()
  }

  missed(at: number): void {
    this.#live.add(at, null)
  }

  async #readHistory(api: Api, signal: AbortSignal): Promise<History | 'none'> {
    // The last hour, by minute, is the default.
    const path = `/api/counts/${encodeURIComponent(this.title)}/history`
    return api.json<History>(path, signal).catch((error: unknown) => {
      // No history is recorded of this topic, or not at all.
      if (error instanceof Refused && error.status < 500) return 'none'
      throw error
    })
  }

  #showPast(): void {
    if (this.#history === 'none') {
      this.#chart.show({ label: 'now', ...this.#live })
      replace(this.#past, h('p', { class: 'quiet' }, 'Since this page is open: no history of this topic is recorded.'))
      return
    }
    const { average, peak, personMinutes } = linesOf(this.#history)
    this.#chart.show({ label: 'on average in the last minute', ...average })
    const facts = figures([
      ['Peak', peak === undefined ? '–' : `${count(peak.count)} at ${new Date(peak.at).toLocaleTimeString()}`],
      ['Person-minutes', count(Math.round(personMinutes))],
    ])
    replace(this.#past, facts)
  }

  #showReport({ totals, pattern, unit, duplicates, replicas, unanswered, sums }: TopicReport): void {
    const missing =
      unanswered.length === 0 ? null : h('p', { class: 'bad' }, `No answer from ${unanswered.map(shortId).join(', ')}.`)
    const onSeveral = duplicates === 0 ? '' : ` ${count(duplicates)} people are also on a further replica.`
    replace(
      this.#why,
      missing,
      figures([
        ...Object.entries(totals).map(([group, value]) => [group, count(value)] as const),
        ['in all', count(sum(totals))],
      ]),
      h('p', { class: 'quiet' }, `Counts ${unit} by the pattern ${pattern}.${onSeveral}`),
      h('h2', {}, `Why ${count(sum(totals))}?`),
      h(
        'ul',
        { class: 'sums' },
        sums.map((line) => h('li', {}, shortIds(line))),
      ),
      h('h2', {}, 'By replica'),
      table('What each replica has in the topic, and what it shows', partColumns, replicas),
    )
  }
}

/** A line with the ids of replicas (UUIDs) cut to what is shown elsewhere. */
const shortIds = (line: string): string => line.replaceAll(/\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/g, shortId)

type Own = NonNullable<ReplicaPart['own']>
type Shows = NonNullable<Own['shows']>

const of =
  (read: (own: Own) => string | number) =>
  ({ own }: ReplicaPart) =>
    own === null ? 'no answer' : read(own)
const shown = (read: (shows: Shows) => string) => of(({ shows }) => (shows === null ? '–' : read(shows)))

const heldText = ({ held, settlesIn }: Shows): string =>
  settlesIn === null ? '0' : `${count(sum(held))} for ${time(settlesIn)}`
const sentText = ({ lastFlush: sent }: Shows): string =>
  sent === null ? 'never' : `${time(sent.ago)} ago to ${count(sent.subscribers)}`

const partColumns: Column<ReplicaPart>[] = [
  ['Replica', ({ replica }) => shortId(replica), 'name'],
  ['Lease renewed', ({ leaseAge }) => (leaseAge === null ? 'expired' : `${time(leaseAge)} ago`), 'number'],
  ['Connections', ({ connections }) => groups(connections)],
  ['People', ({ people }) => count(people), 'number'],
  ['In several channels', of(({ people }) => count(people.several)), 'number'],
  ['Not committed', of(({ uncommitted }) => count(sum(uncommitted.connections) + uncommitted.people)), 'number'],
  ['Counted', of(({ sockets }) => count(sockets.counted)), 'number'],
  // Streams, presences of the application, and topics that count in this one too.
  ['Other presences', of(({ others }) => count(others)), 'number'],
  ['Observers', of(({ sockets }) => count(sockets.observers)), 'number'],
  ['Hidden', of(({ sockets }) => count(sockets.hidden)), 'number'],
  ['Beyond a limit', of(({ sockets: of }) => count(of.presencesPerUser + of.presencesPerAddress)), 'number'],
  ['Shows', shown(({ counts }) => groups(counts))],
  ['Held by settle', shown(heldText), 'number'],
  ['Shield', shown(({ step }) => (step === 0 ? 'none' : `steps of ${step}`)), 'number'],
  ['Last sent', shown(sentText), 'number'],
  ['Slow', shown(({ slow }) => count(slow)), 'number'],
]
