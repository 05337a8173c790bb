import type { Change, Clock, Engine, ReplicaId, Topic } from '@headcount/core'
import { newsFor } from './news.js'
import { engineSubject, type Port, rpc } from './rpc.js'

export interface HostOptions {
  /** The cluster in this process. */
  readonly cluster: { engine(): Engine }
  readonly clock: Clock
  /** How long, in ms, a worker is counted that does not commit: one that stands still must not count for ever. */
  readonly lease: number
}

/**
 * Does in this process's cluster what the engine of one worker asks for. Returns what ends it, as when the worker has
 * died: all that it held is forgotten at once.
 */
export function hostEngine(port: Port, { cluster, clock, lease }: HostOptions): () => Promise<void> {
  const watched = new Set<Topic>()
  let replica: ReplicaId | undefined
  let groups = 2
  let engine = cluster.engine()
  let lapsed: 'no' | 'yes' | 'said' = 'no'
  let undoLapse = (): void => {}

  const lapse = async (): Promise<void> => {
    lapsed = 'yes'
    await engine.close()
  }
  const renew = (): void => {
    undoLapse()
    let kept = false
    // Whatever has waited while this process itself was held up is heard first: it may be a commit.
    const undo = clock.after(lease, () => clock.soon(() => void (kept || lapse())))
    undoLapse = () => {
      kept = true
      undo()
    }
  }
  const open = async (): Promise<void> => {
    engine = cluster.engine()
    await engine.open(replica!, { groups, lease, changed: news.add })
    for (const topic of watched) {
      news.drop(topic)
      const totals = await engine.watch(topic)
      // What has moved meanwhile is newer than the answer.
      news.add(topic, news.newest(topic) ?? totals)
    }
  }
  /** The engine; where the lease has lapsed, a new one that holds nothing yet. */
  const opened = async (): Promise<Engine> => {
    if (lapsed === 'yes') {
      lapsed = 'said'
      await open()
    }
    return engine
  }
  const worker = rpc(port, engineSubject, {
    open: (given: { replica: ReplicaId; groups: number }) => {
      replica = given.replica
      groups = given.groups
      renew()
      return open()
    },
    watch: async (topic: Topic) => {
      watched.add(topic)
      const totals = await (await opened()).watch(topic)
      return news.newest(topic) ?? totals
    },
    unwatch: async (topic: Topic) => {
      watched.delete(topic)
      const now = await opened()
      // Before, and not after: whoever watches it again at once is told what moves from then on.
      news.drop(topic)
      await now.unwatch(topic)
    },
    read: async (topics: readonly Topic[]) => (await opened()).read(topics),
    commit: async (changes: readonly Change[]) => {
      const now = await opened()
      renew()
      if (lapsed === 'no') return now.commit(changes)
      lapsed = 'no'
      return 'lost'
    },
    close: () => end(),
  })
  const news = newsFor((totals) => worker.call('moved', totals), clock)
  const end = async (): Promise<void> => {
    undoLapse()
    await engine.close()
  }
  return async () => {
    worker.close()
    await end()
  }
}
