import { Presence, useCounts } from '@headcount/react'
import { StatusDot } from './StatusDot.js'
import { useSettled } from './useSettled.js'

const words = {
  connecting: 'Connecting…',
  live: 'Live',
  stale: 'Reconnecting…',
  refused: 'Not counted here',
} as const

/** Who is here, in one line, and whether the line is true at this moment. */
export function CountBadge({ topic }: { readonly topic: string }) {
  const shown = useSettled(useCounts(topic).status)
  return (
    <div className="badge" data-status={shown}>
      <StatusDot status={shown} />
      <Presence topic={topic} className="badge-count">
        {({ text }) => <span data-testid="presence">{text}</span>}
      </Presence>
      <span className="badge-word" aria-hidden="true">
        {words[shown]}
      </span>
    </div>
  )
}
