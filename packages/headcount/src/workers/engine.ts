import type { Engine, EngineOptions } from '@headcount/core'
import type { News } from './news.js'
import { engineSubject, type Port, rpc } from './rpc.js'

/** How long, in ms, changes are gathered before they are sent to the other process. */
const window = 20

/** The engine of a worker: every act is done by the process at the other end of `port`, which holds the cluster. */
export function workerEngine(port: Port): Engine {
  let moved: EngineOptions['changed'] = () => {}
  const host = rpc(port, engineSubject, {
    moved: (news: News) => {
      for (const [topic, totals] of news) moved(topic, totals)
    },
  })
  return {
    commitInterval: window,
    open(replica, { changed, groups, lease }) {
      moved = changed
      return host.call('open', { replica, groups, lease })
    },
    watch: (topic) => host.call('watch', topic),
    unwatch: (topic) => host.call('unwatch', topic),
    read: (topics) => host.call('read', topics),
    commit: (changes) => host.call('commit', changes),
    async close() {
      await host.call('close')
      host.close()
    },
  }
}
