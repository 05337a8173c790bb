import { useEffect, useState } from 'react'

/** A break shorter than this, in milliseconds, is no news: signing in reconnects. */
const brief = 900

/** The status without the breaks that mend at once: `stale` is told only when it lasts. */
export function useSettled<Status extends string>(status: Status): Status {
  const [shown, show] = useState(status)
  useEffect(() => {
    if (status !== 'stale') return show(status)
    const timer = setTimeout(show, brief, status)
    return () => clearTimeout(timer)
  }, [status])
  return shown
}
