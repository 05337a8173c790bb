import { useEffect, useState } from 'react'
import type { DemoCrowd } from '../../server/crowd.mjs'
import type { ClusterView } from '../../server/replicas.mjs'

/** The state that the demo's server streams to its pages. There is no cluster without Redis. */
export interface DemoState {
  readonly crowd: ReturnType<DemoCrowd['state']>
  readonly cluster?: ClusterView
}

/** How often a page checks whether its stream has failed permanently, in ms. */
const retryInterval = 2_000

/** The state of the demo's server while the page is visible; undefined while unknown. */
export function useDemo(): DemoState | undefined {
  const [state, setState] = useState<DemoState>()
  useEffect(() => {
    let stream: EventSource | undefined
    // A browser opens six connections to a site for all its tabs: a hidden tab closes its own.
    const open = () => {
      stream?.close()
      stream = document.hidden ? undefined : openStream(setState)
    }
    open()
    // An EventSource reconnects by itself unless a proxy answers with an error.
    const timer = setInterval(() => stream?.readyState === EventSource.CLOSED && open(), retryInterval)
    document.addEventListener('visibilitychange', open)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', open)
      stream?.close()
    }
  }, [])
  return state
}

function openStream(update: (state: DemoState | undefined) => void): EventSource {
  const stream = new EventSource('/demo/events')
  stream.addEventListener('message', ({ data }) => update(JSON.parse(data) as DemoState))
  stream.addEventListener('error', () => update(undefined))
  return stream
}
