/** One metric of a Prometheus text: its header lines, and its samples by name and labels as they are written. */
interface Family {
  readonly head: readonly string[]
  readonly type: string
  readonly samples: ReadonlyMap<string, number>
}

/** A Prometheus text, taken apart. */
export type Exposition = ReadonlyMap<string, Family>

/** What may be added up from several processes, and what may not. */
const rules: readonly (readonly [name: RegExp, of: (values: readonly number[]) => number])[] = [
  // All are ready where every one is.
  [/^headcount_ready$/, (values) => Math.min(...values)],
  // Since when there is anything of it.
  [/^process_start_time_seconds$/, (values) => Math.min(...values)],
  // The slowest is what somebody feels.
  [/^nodejs_eventloop_lag_/, (values) => Math.max(...values)],
  [/^nodejs_version_info$/, (values) => Math.max(...values)],
]
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

/** Takes apart what `Metrics.text` gave. */
export function parseExposition(text: string): Exposition {
  const families = new Map<string, Family>()
  let samples = new Map<string, number>()
  let help = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ')) help = line
    else if (line.startsWith('# TYPE ')) {
      const [, , name = '', type = ''] = line.split(' ')
      samples = new Map()
      families.set(name, { head: [help, line], type, samples })
    } else if (line !== '') {
      const end = line.lastIndexOf(' ')
      samples.set(line.slice(0, end), Number(line.slice(end + 1).replace('Inf', 'Infinity')))
    }
  }
  return families
}

/** What several processes say, as one: sums, but for the few figures of which a sum says nothing. */
export function mergeExpositions(all: readonly Exposition[]): Exposition {
  const merged = new Map<string, Family>()
  for (const name of new Set(all.flatMap((one) => [...one.keys()]))) {
    const families = all.flatMap((one) => one.get(name) ?? [])
    const [, of = sum] = rules.find(([names]) => names.test(name)) ?? []
    const keys = new Set(families.flatMap(({ samples }) => [...samples.keys()]))
    const samples = [...keys].map((key) => {
      const values = families.map((family) => family.samples.get(key) ?? Number.NaN)
      const known = values.filter((value) => !Number.isNaN(value))
      return [key, known.length === 0 ? Number.NaN : of(known)] as const
    })
    merged.set(name, { ...families[0]!, samples: new Map(samples) })
  }
  return merged
}

/** What of a process stays true when it has ended: all that it counted for good. */
export function lastingOf(exposition: Exposition): Exposition {
  const lasts = ({ type }: Family) => type === 'counter' || type === 'histogram'
  return new Map([...exposition].filter(([, family]) => lasts(family)))
}

/** Writes it as Prometheus reads it. */
export function writeExposition(exposition: Exposition): string {
  const families = [...exposition.values()].map(({ head, samples }) =>
    [...head, ...[...samples].map(([key, value]) => `${key} ${said(value)}`)].join('\n'),
  )
  return families.length === 0 ? '' : `${families.join('\n\n')}\n`
}

function said(value: number): string {
  return String(value).replace('Infinity', 'Inf')
}
