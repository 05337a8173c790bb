import type { TopicSnapshot } from '@headcount/client'
import { useEffect, useRef, useState } from 'react'
import { type History, record } from './plot.js'
import { useLastingStatus } from './useLastingStatus.js'

/** Time between two samples, in ms. */
const interval = 1_000

/** The counts of the last minutes as this tab saw them, a sample a second. Another topic starts a new history. */
export function useHistory(topic: string, { counts, status }: TopicSnapshot): History {
  const [kept, setKept] = useState<{ topic: string; history: History }>({ topic, history: [] })
  const shown = useLastingStatus(status)
  const isKnown = status === 'live' || (status === 'stale' && shown === 'live')
  const latest = useRef<typeof counts>(undefined)
  latest.current = isKnown ? counts : undefined

  useEffect(() => {
    const sample = () =>
      setKept((before) => {
        const history = before.topic === topic ? before.history : []
        const now = latest.current
        // Nothing is drawn before the first counts; later, unknown counts are a gap.
        if (now === undefined && history.length === 0) return { topic, history }
        const counts = now === undefined ? null : { users: now.users.count, viewers: now.viewers.count }
        return { topic, history: record(history, { at: Date.now(), counts }) }
      })
    sample()
    const timer = setInterval(sample, interval)
    return () => clearInterval(timer)
  }, [topic])

  return kept.topic === topic ? kept.history : []
}
