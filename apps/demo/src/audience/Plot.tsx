import { ago, type History, pathsOf, peakOf, spanOf, topOf } from './plot.js'

const compact = new Intl.NumberFormat('en', { notation: 'compact' })

/** The counts of the last minutes as two lines. */
export function Plot({ history }: { readonly history: History }) {
  if (history.length < 2) return <p className="note">The plot begins in a moment.</p>
  const [span, peak] = [spanOf(history), peakOf(history)]
  const top = topOf(peak)
  const label = `Users and viewers over the last ${span} seconds, up to ${compact.format(peak)} of one group.`
  return (
    <figure className="plot note" data-testid="plot">
      <Labels values={[top, top / 2, 0].map((people) => compact.format(people))} />
      <svg viewBox={`${-span} ${-top} ${span} ${top}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <path d={`M${-span} ${-top}H0M${-span} ${-top / 2}H0M${-span} 0H0`} />
        {(['viewers', 'users'] as const).map((group) => {
          const { line, area } = pathsOf(history, group)
          return (
            <g key={group} data-group={group}>
              <path d={area} className="plot-area" />
              <path d={line} className="plot-line" />
            </g>
          )
        })}
      </svg>
      <Labels values={[span, span / 2, 0].map(ago)} />
    </figure>
  )
}

function Labels({ values }: { readonly values: readonly string[] }) {
  return (
    <div className="plot-labels" aria-hidden="true">
      {values.map((value) => (
        <span key={value}>{value}</span>
      ))}
    </div>
  )
}
