import type { Counts, Group } from '@headcount/protocol'
import type { TopicCounts } from './count-stream.js'
import { cut, fit, widthOf } from './fit.js'
import { printable } from './printable.js'

const bars = '▁▂▃▄▅▆▇█'

/** The number of samples of a topic: more than a terminal has columns. */
const maxSamples = 240

/** The columns that a long name leaves to the line of totals, and those that it keeps itself in a narrow terminal. */
const [minLine, minName] = [10, 8]

/** Undefined if unknown. */
type Sample = number | undefined

function newRow(topic: string) {
  return { name: printable(topic), text: '…', total: undefined as Sample, samples: [] as Sample[] }
}

type Row = ReturnType<typeof newRow>

/** A table of topics, each with its counts and a line of its last totals, for a terminal. */
export function createBoard(topics: readonly string[]) {
  const rows = new Map(topics.map((topic) => [topic, newRow(topic)]))
  return {
    /** Sets the newest counts of a topic. */
    show({ topic, counts }: TopicCounts): void {
      const row = rows.get(topic)
      if (row === undefined) return
      row.text = countsText(counts)
      row.total = Object.values(counts).reduce((sum, { count }) => sum + count, 0)
    },
    /** Makes the counts of a topic, or of all, unknown until `show` is called: the line has a gap. */
    lose(lost?: string): void {
      for (const [topic, row] of rows) if (lost === undefined || lost === topic) row.total = undefined
    },
    /** Adds the current total of each topic to its line. */
    sample(): void {
      for (const row of rows.values()) {
        row.samples.push(row.total)
        if (row.samples.length > maxSamples) row.samples.shift()
      }
    },
    /** The table, with a maximum width in columns. */
    lines(columns: number): string[] {
      const longest = (of: (row: Row) => string): number =>
        Math.max(...[...rows.values()].map((row) => widthOf(of(row))))
      const text = longest((row) => row.text)
      const besideLine = columns - text - 4 - minLine
      const maxName = besideLine < minName ? Math.max(minName, columns - text - 2) : besideLine
      const name = Math.min(
        longest((row) => row.name),
        maxName,
      )
      const room = columns - name - text - 4
      return [...rows.values()].map((row) => {
        const start = `${fit(row.name, name)}  ${fit(row.text, text)}`
        return cut(room < 4 ? start : `${start}  ${sparkline(row.samples.slice(-room))}`, columns)
      })
    },
  }
}

/** Singulars of the default groups; other names do not change, because they may be words of any language. */
const singular: Readonly<Record<string, string>> = { users: 'user', viewers: 'viewer' }

/** `1 user, 340 viewers`; `fewer than 5 users` with a shield. */
export function countsText(counts: Counts<Group>): string {
  return Object.entries(counts)
    .map(([group, { count, below }]) => {
      const name = count === 1 && Object.hasOwn(singular, group) ? singular[group]! : group
      return `${below === undefined ? count : `fewer than ${below}`} ${printable(name)}`
    })
    .join(', ')
}

/** One bar for each value, from zero to the largest; a space for an unknown one. */
export function sparkline(values: readonly Sample[]): string {
  const top = Math.max(1, ...values.map((value) => value ?? 0))
  return values
    .map((value) => (value === undefined ? ' ' : bars[Math.round((value / top) * (bars.length - 1))]))
    .join('')
}
