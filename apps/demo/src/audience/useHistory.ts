import type { TopicSnapshot } from '@headcount/client'
import { useEffect, useState } from 'react'
import { type History, record } from './history.js'
import { useSettled } from './useSettled.js'

/** Once a second the line moves on, though nothing else did. */
const beat = 1000

/**
 * The counts of the last minutes as this tab saw them, with a gap where it was cut off for longer than a moment. Another
 * topic begins anew.
 */
export function useHistory(topic: string, { counts, status }: TopicSnapshot): History {
  const [kept, keep] = useState<{ topic: string; history: History }>({ topic, history: [] })
  const settled = useSettled(status)
  const known = status === 'live' || (status === 'stale' && settled === 'live')
  const users = known ? counts.users.count : null
  const viewers = known ? counts.viewers.count : null

  useEffect(() => {
    const take = () =>
      keep((before) => {
        const history = before.topic === topic ? before.history : []
        // Nothing is drawn before the first counts; afterwards, not knowing is a gap.
        if (users === null && history.length === 0) return before.topic === topic ? before : { topic, history }
        return { topic, history: record(history, { at: Date.now(), users, viewers }) }
      })
    take()
    const timer = setInterval(take, beat)
    return () => clearInterval(timer)
  }, [topic, users, viewers])

  return kept.topic === topic ? kept.history : []
}
