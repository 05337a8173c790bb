import { useEffect, useState } from 'react'

/** A shorter interruption, in ms, is not shown. */
const brief = 900

/** The status without short interruptions: `stale` is shown only once it has lasted. */
export function useLastingStatus<Status extends string>(status: Status): Status {
  const [shown, setShown] = useState(status)
  useEffect(() => {
    if (status !== 'stale') return setShown(status)
    const timer = setTimeout(setShown, brief, status)
    return () => clearTimeout(timer)
  }, [status])
  return shown
}
