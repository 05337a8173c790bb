import type { Engine, EngineOptions, Topic } from '@headcount/core'
import type { Primary, WorkerFunctions } from './worker-channel.js'

export interface WorkerEngine extends Engine {
  readonly receive: WorkerFunctions['changed']
  /** Receives a text of another worker from the primary. */
  readonly receiveText: WorkerFunctions['received']
}

/** An engine whose cluster is in the primary. */
export function workerEngine(primary: Primary): WorkerEngine {
  /** The number of the watch of each watched topic. A change with another number is one of an earlier watch: stale. */
  const watches = new Map<Topic, number>()
  let lastWatch = 0
  let changed: EngineOptions['changed'] = () => {}
  let received: EngineOptions['received']
  return {
    open(replica, { groups, lease, ...options }) {
      changed = options.changed
      received = options.received
      return primary.open(replica, { groups, lease })
    },
    watch(topic) {
      lastWatch += 1
      watches.set(topic, lastWatch)
      return primary.watch(topic, lastWatch)
    },
    unwatch(topic) {
      watches.delete(topic)
      return primary.unwatch(topic)
    },
    read: (topics) => primary.read(topics),
    commit: (changes) => primary.commit(changes),
    close: () => primary.close(),
    replicas: { list: () => primary.replicas(), rows: (topic) => primary.rows(topic) },
    // The primary has the settings of histories.
    history: { read: (topic) => primary.history(topic) },
    receive(topic, totals, watch) {
      if (watches.get(topic) === watch) changed(topic, totals)
    },
    relay: { send: (to, text) => primary.send(to, text) },
    receiveText: (text) => received?.(text),
  }
}

/** The same engine, for a worker that is a separate replica: the primary knows its id from `open` to `close`. */
export function registeredEngine(engine: Required<Engine>, primary: Primary): WorkerEngine {
  const { commitInterval, history, relay, replicas, transitions } = engine
  return {
    ...{ commitInterval, history, relay, replicas, transitions },
    async open(replica, options) {
      await engine.open(replica, options)
      await primary.open(replica, { groups: options.groups, lease: options.lease })
    },
    watch: (topic) => engine.watch(topic),
    unwatch: (topic) => engine.unwatch(topic),
    read: (topics) => engine.read(topics),
    commit: (changes) => engine.commit(changes),
    async close() {
      await engine.close()
      await primary.close()
    },
    // Changes and texts arrive over the engine itself.
    receive() {},
    receiveText() {},
  }
}
