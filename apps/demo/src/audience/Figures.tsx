import type { Counts } from '@headcount/client'

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const groups = [
  { group: 'users', word: 'signed in' },
  { group: 'viewers', word: 'just watching' },
] as const

/** The two numbers large, in the colours of their lines: the legend of the plot. */
export function Figures({ counts, known }: { readonly counts: Counts; readonly known: boolean }) {
  return (
    <dl className="figures">
      {groups.map(({ group, word }) => (
        <div key={group} className="figure" data-group={group}>
          <dt>
            <b>{group}</b> <i>{word}</i>
          </dt>
          <dd>{known ? compact.format(counts[group].count) : '–'}</dd>
        </div>
      ))}
    </dl>
  )
}
