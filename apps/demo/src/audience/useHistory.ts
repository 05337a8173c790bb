import type { TopicSnapshot } from '@headcount/client'
import { useEffect, useRef, useState } from 'react'
import { readPast } from './past.js'
import { type History, record } from './plot.js'
import { useLastingStatus } from './useLastingStatus.js'

/** Time between two samples, in ms. */
const interval = 1_000

/**
 * The counts of the last minutes: a sample a second of this tab, and before that the averages of minutes.
 *
 * @param topic to read the history of; undefined if it may not be read.
 */
export function useHistory(topic: string | undefined, { counts, status }: TopicSnapshot): History {
  const [history, setHistory] = useState<History>([])
  const shown = useLastingStatus(status)
  const latest = useRef<typeof counts>(undefined)
  latest.current = status === 'live' || (status === 'stale' && shown === 'live') ? counts : undefined

  useEffect(() => {
    let isLeft = false
    const begin = async () => {
      const past = topic === undefined ? [] : await readPast(topic)
      if (isLeft) return
      setHistory((own) => [...past.filter(({ at }) => at < (own[0]?.at ?? Date.now())), ...own])
    }
    void begin()
    return () => {
      isLeft = true
    }
  }, [topic])

  useEffect(() => {
    const timer = setInterval(() => {
      const now = latest.current && { users: latest.current.users.count, viewers: latest.current.viewers.count }
      // Nothing is drawn before the first counts; later, unknown counts are a gap.
      setHistory((before) =>
        now || before.length > 0 ? record(before, { at: Date.now(), counts: now ?? null }) : before,
      )
    }, interval)
    return () => clearInterval(timer)
  }, [])

  return history
}
