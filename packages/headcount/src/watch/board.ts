import type { Counts, Group } from '@headcount/protocol'
import type { TopicCounts } from './count-stream.js'

const bars = '▁▂▃▄▅▆▇█'

/** How many samples a topic keeps: more than a terminal has columns. */
const longest = 240

/** A table of topics, each with its counts and a line of its last totals, for a terminal. */
export interface Board {
  /** Takes the newest counts of a topic. */
  show(counts: TopicCounts): void
  /** Adds the present total of each topic to its line. */
  sample(): void
  /** The table, at most so many columns wide. */
  lines(columns: number): string[]
}

export function createBoard(topics: readonly string[]): Board {
  const rows = new Map(topics.map((topic) => [topic, { text: '…', total: 0, samples: [] as number[] }]))
  return {
    show({ topic, counts }) {
      const row = rows.get(topic)
      if (row === undefined) return
      row.text = countsText(counts)
      row.total = Object.values(counts).reduce((sum, { count }) => sum + count, 0)
    },
    sample() {
      for (const row of rows.values()) {
        row.samples.push(row.total)
        if (row.samples.length > longest) row.samples.shift()
      }
    },
    lines(columns) {
      const name = Math.max(...topics.map((topic) => topic.length))
      const text = Math.max(...[...rows.values()].map((row) => row.text.length))
      const room = columns - name - text - 4
      return [...rows].map(([topic, row]) => {
        const start = `${topic.padEnd(name)}  ${row.text}`
        const line = room < 4 ? start : `${start.padEnd(name + text + 4)}${sparkline(row.samples.slice(-room))}`
        return line.slice(0, columns)
      })
    },
  }
}

/** `12 users, 340 viewers`; `fewer than 5 users` where the topic has a shield. */
export function countsText(counts: Counts<Group>): string {
  return Object.entries(counts)
    .map(([group, { count, below }]) => `${below === undefined ? count : `fewer than ${below}`} ${group}`)
    .join(', ')
}

/** One bar for each value, from zero to the largest. */
export function sparkline(values: readonly number[]): string {
  const top = Math.max(1, ...values)
  return values.map((value) => bars[Math.round((value / top) * (bars.length - 1))]).join('')
}
