import type { ReplicaId, ReplicaLease, Topic, TopicRow, TopicRows, TopicRule, TopicView } from '@headcount/core'
import { type Group, sumOf, type Totals, zeroTotals } from '@headcount/protocol'
import type { ByGroup, OwnPart, ReplicaPart, ShownPart, TopicReport } from '../http/operator-source.js'
import type { TopicAnswer } from './questions.js'

/** The data of a report, as of about one moment. */
export interface TopicFacts {
  readonly topic: Topic
  readonly rule: TopicRule
  readonly groups: readonly Group[]
  readonly asked: ReplicaId
  readonly leases: readonly ReplicaLease[]
  readonly rows: TopicRows
  /** Of this replica and of those that answered in time. */
  readonly answers: ReadonlyMap<ReplicaId, TopicAnswer>
}

/** Takes the number of a topic apart. Everything that is not counted is derived, so that the sums are exact. */
export function topicReport({ topic, rule, groups, asked, leases, rows, answers }: TopicFacts): TopicReport {
  const none = zeroTotals(groups.length)
  const by = (totals: Totals): ByGroup => Object.fromEntries(groups.map((group, g) => [group, totals[g] ?? 0]))
  const connections = rows.rows.reduce((sum, { counts }) => add(sum, counts), none)
  const people = subtract(rows.totals, connections)
  const peopleOnReplicas = rows.rows.reduce((sum, row) => sum + row.people, 0)
  const ids = new Set([...rows.rows.map(({ replica }) => replica), ...answers.keys()])
  const replicas = [...ids].map((replica): ReplicaPart => {
    const row = rows.rows.find((each) => each.replica === replica)
    const lease = row ?? leases.find((each) => each.replica === replica)
    const answer = answers.get(replica)
    return {
      ...{ replica, isAsked: replica === asked, leaseAge: lease === undefined ? null : Math.round(lease.leaseAge) },
      ...{ connections: by(row?.counts ?? none), people: row?.people ?? 0 },
      own: answer === undefined ? null : ownPart(answer, row, rows.totals, none, by),
    }
  })
  const report = {
    ...{ topic, pattern: rule.pattern, unit: rule.unit },
    ...{ totals: by(rows.totals), connections: by(connections), people: by(people) },
    duplicates: peopleOnReplicas - sumOf(people),
    replicas: replicas.filter((part) => part.isAsked || hasAny(part)),
    unanswered: leases.map(({ replica }) => replica).filter((replica) => !answers.has(replica)),
  }
  return { ...report, sums: sumsOf(report) }
}

function ownPart(
  { tracked, shows, sockets }: TopicAnswer,
  row: TopicRow | undefined,
  totals: Totals,
  none: Totals,
  by: (totals: Totals) => ByGroup,
): OwnPart {
  const { counts = none, people = none, channels = 0, severalChannels = 0 } = tracked ?? {}
  const presences = sumOf(counts) + channels
  return {
    uncommitted: { connections: by(subtract(counts, row?.counts ?? none)), people: sumOf(people) - (row?.people ?? 0) },
    ...{ presences, channels: sockets.counted, others: presences - sockets.counted },
    people: { size: sumOf(people), presences: channels, several: severalChannels },
    sockets,
    shows: shows === undefined ? null : shownPart(shows, totals, by),
  }
}

function shownPart(view: TopicView, totals: Totals, by: (totals: Totals) => ByGroup): ShownPart {
  const { known, settled, shown, sent, settle, settlesIn, shield, subscribers, slow, lastFlush } = view
  return {
    counts: by(sent),
    unreceived: by(subtract(known, totals)),
    held: by(subtract(settled, known)),
    shield: by(subtract(shown, settled)),
    unsent: by(subtract(sent, shown)),
    ...{ settle, settlesIn: settlesIn === null ? null : Math.round(settlesIn), step: shield, subscribers, slow },
    lastFlush: lastFlush === null ? null : { ...lastFlush, ago: Math.round(lastFlush.ago) },
  }
}

function hasAny({ leaseAge, connections, people, own }: ReplicaPart): boolean {
  const isRow = people > 0 || all(connections) > 0
  return isRow || (leaseAge !== null && own !== null && (own.presences > 0 || own.shows !== null))
}

function sumsOf(report: Omit<TopicReport, 'sums'>): string[] {
  const { totals, connections, people, duplicates, replicas } = report
  return [
    `in all ${all(totals)} = ${all(connections)} connections + ${all(people)} people`,
    `connections ${all(connections)} = ${terms(replicas.map((part) => all(part.connections)))}, by replica`,
    `people ${all(people)} = ${terms(replicas.map((part) => part.people))}, by replica, - ${duplicates} duplicates`,

    ...replicas.flatMap(({ replica, own }) => {
      if (own?.shows == null) return []
      const { counts, unreceived, held, shield, unsent } = own.shows
      const steps = `${all(totals)} in all + ${all(unreceived)} not received + ${all(held)} held by settle`
      const rest = `+ ${all(shield)} by the shield + ${all(unsent)} not sent yet`
      return [`replica ${replica} shows ${all(counts)} = ${steps} ${rest}`]
    }),
  ]
}

const terms = (numbers: readonly number[]): string => (numbers.length === 0 ? '0' : numbers.join(' + '))
const all = (byGroup: ByGroup): number => sumOf(Object.values(byGroup))
const add = (a: Totals, b: Totals): number[] => a.map((count, g) => count + (b[g] ?? 0))
const subtract = (a: Totals, b: Totals): number[] => a.map((count, g) => count - (b[g] ?? 0))
