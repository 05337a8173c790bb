import type { Totals } from '@headcount/protocol'
import type { Clock } from '../clock.js'
import type { Change, Engine, ReplicaId, Topic } from '../engine.js'
import { engineSubject, type Port, rpc } from './rpc.js'

/** Does on `engine` what a worker's engine asks. Returns what ends it, as when the worker has died. */
export function hostEngine(port: Port, engine: Engine, clock: Clock): () => Promise<void> {
  let totals = new Map<Topic, Totals>()

  // The newest word on each topic, once a turn: a worker that is busy finds no queue of old ones.
  const moved = (topic: Topic, now: Totals): void => {
    if (totals.size === 0) clock.soon(tell)
    totals.set(topic, now)
  }
  const tell = (): void => {
    const newest = [...totals]
    totals = new Map()
    worker.tell('moved', newest)
  }
  const worker = rpc(port, engineSubject, {
    open: (replica: ReplicaId) => engine.open(replica, moved),
    watch: async (topic: Topic) => {
      const read = await engine.watch(topic)
      // What is still to be told is newer than what was read before it.
      return totals.get(topic) ?? read
    },
    unwatch: (topic: Topic) => engine.unwatch(topic),
    read: (topics: readonly Topic[]) => engine.read(topics),
    commit: (changes: readonly Change[]) => engine.commit(changes),
    close: () => engine.close(),
  })
  return async () => {
    worker.close()
    await engine.close()
  }
}
