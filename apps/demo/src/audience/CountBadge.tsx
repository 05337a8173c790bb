import { Presence, useCounts } from '@headcount/react'
import type { Counting } from '../site/counting.js'
import { useLastingStatus } from './useLastingStatus.js'

/** The word beside the count. While the page connects there is only the word. */
const words = { connecting: undefined, live: 'Live', stale: 'Reconnecting…', refused: 'Refused' } as const
const labels = { connecting: 'Connecting…' }

/** The counts of a topic in one line, and whether they are up to date. */
export function CountBadge({ topic, counting }: { readonly topic: string; readonly counting: Counting }) {
  const shown = useLastingStatus(useCounts(topic, counting).status)
  return (
    <div className="badge" data-status={shown}>
      <span className="dot" data-status={shown} aria-hidden="true" />
      <Presence {...{ topic, ...counting, labels }} className="badge-count">
        {({ text }) => <span data-testid="presence">{text}</span>}
      </Presence>
      {words[shown] && (
        <span className="badge-word" aria-hidden="true">
          {words[shown]}
        </span>
      )}
    </div>
  )
}
