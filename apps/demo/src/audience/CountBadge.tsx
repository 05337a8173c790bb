import { Presence, useCounts } from '@headcount/react'
import { StatusDot } from './StatusDot.js'
import { useSettled } from './useSettled.js'

/** What stands beside the count. While connecting there is no count, and the word is in its place. */
const words = { connecting: undefined, live: 'Live', stale: 'Reconnecting…', refused: 'Refused' } as const
const labels = { connecting: 'Connecting…' }

/** Who is here, in one line, and whether the line is true at this moment. */
export function CountBadge({ topic }: { readonly topic: string }) {
  const shown = useSettled(useCounts(topic).status)
  const word = words[shown]
  return (
    <div className="badge" data-status={shown}>
      <StatusDot status={shown} />
      <Presence topic={topic} className="badge-count" labels={labels}>
        {({ text }) => <span data-testid="presence">{text}</span>}
      </Presence>
      {word && (
        <span className="badge-word" aria-hidden="true">
          {word}
        </span>
      )}
    </div>
  )
}
