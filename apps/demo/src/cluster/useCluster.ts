import { useEffect, useState } from 'react'
import { type Cluster, feedOf } from './cluster.js'

/**
 * The cluster as its balancer tells it, live while the page can be seen; undefined where there is none, or while it does
 * not answer.
 */
export function useCluster(): Cluster | undefined {
  const [cluster, setCluster] = useState<Cluster>()

  useEffect(() => {
    const path = feedOf(document)
    if (path === undefined) return
    let feed: EventSource | undefined
    const stop = () => {
      feed?.close()
      feed = undefined
    }
    // A browser opens six connections to a site for all its tabs: one that nobody looks at keeps none of them.
    const follow = () => {
      if (document.hidden) return stop()
      feed ??= open(path, setCluster)
    }
    follow()
    document.addEventListener('visibilitychange', follow)
    return () => {
      document.removeEventListener('visibilitychange', follow)
      stop()
    }
  }, [])
  return cluster
}

function open(path: string, tell: (cluster: Cluster | undefined) => void): EventSource {
  const feed = new EventSource(path)
  feed.addEventListener('message', ({ data }) => tell(JSON.parse(data) as Cluster))
  // It comes back by itself.
  feed.addEventListener('error', () => tell(undefined))
  return feed
}
