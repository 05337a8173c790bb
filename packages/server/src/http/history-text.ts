import { type Figures, type HistoryPoint, type HistoryRange, type HistoryReport, minute } from '@headcount/core'
import type { Group } from '@headcount/protocol'

/** The JSON of a report. Figures of a part without data are null. */
export function historyJson(topic: string, range: HistoryRange, report: HistoryReport, groups: readonly Group[]) {
  const figuresOf = ({ known, total, groups: figures }: HistoryPoint) => ({
    known,
    total: namedFigures(total, known),
    groups: Object.fromEntries(groups.map((group, g) => [group, namedFigures(figures[g]!, known)])),
  })
  const { from, to, step } = range
  const { wholeFrom, all, points } = report
  const parts = points.map((point) => ({ at: point.at, ...figuresOf(point) }))
  return { topic, from, to, step, wholeFrom, ...figuresOf(all), points: parts }
}

function namedFigures({ peak, peakAt, integral }: Figures, known: number) {
  const isKnown = known > 0
  return {
    ...{ peak, peakAt },
    average: isKnown ? integral / known : null,
    personMinutes: isKnown ? integral / minute : null,
  }
}

const columns = ['peak', 'peakAt', 'average', 'personMinutes'] as const

/** The parts of a report as CSV (RFC 4180), with times for spreadsheets. Missing figures are empty. */
export function historyCsv({ points }: ReturnType<typeof historyJson>, groups: readonly Group[]): string {
  const names = ['total', ...groups]
  const header = ['at', 'known', ...names.flatMap((name) => columns.map((column) => `${name} ${column}`))]
  const rows = points.map(({ at, known, total, groups: byGroup }) => {
    const all = [total, ...groups.map((group) => byGroup[group]!)]
    const cells = all.flatMap(({ peak, peakAt, average, personMinutes }) => [peak, iso(peakAt), average, personMinutes])
    return [iso(at), known, ...cells]
  })
  return [header, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('')
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}

function quoted(cell: string | number | null): string {
  const text = String(cell ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
