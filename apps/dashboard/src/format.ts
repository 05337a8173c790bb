const whole = new Intl.NumberFormat('en')
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

export const count = (value: number): string => whole.format(value)
export const rate = (value: number): string => short.format(value)

/** A time in ms: `340 ms`, `12 s`, `3 min`, `2 h`, `5 d`. */
export function time(ms: number | null): string {
  if (ms === null) return '–'
  for (const [unit, size, limit] of units) if (ms < limit) return `${short.format(ms / size)} ${unit}`
  return `${whole.format(Math.round(ms / 86_400_000))} d`
}

const units = [
  ['ms', 1, 1_000],
  ['s', 1_000, 60_000],
  ['min', 60_000, 3_600_000],
  ['h', 3_600_000, 86_400_000],
] as const

/** The id of a replica as people compare it: its first eight characters. */
export const shortId = (replica: string): string => replica.slice(0, 8)

export const clock = (at: number): string => new Date(at).toLocaleTimeString()

/** `12 users, 340 viewers`. */
export function groups(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([group, value]) => `${count(value)} ${group}`)
    .join(', ')
}

export const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, value) => all + value, 0)
