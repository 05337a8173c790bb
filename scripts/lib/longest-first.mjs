import { BaseSequencer } from 'vitest/node'

/**
 * Files of tests that take more than 20 s: what begins last is what a run waits for. Those that wait are between those
 * that use a processor.
 */
const long = [
  ...['workers/serve', 'browser/client', 'cluster/redis-cluster', 'alerts/faults', 'server/exactness'],
  ...['cluster/long-polls', 'browser/demo', 'cluster/soak/soak', 'cluster/contract', 'browser/dashboard'],
  ...['redis/engine', 'command/examine', 'browser/blocked', 'cluster/crash', 'cluster/redis', 'recipes/proxies'],
  ...['command/memory', 'redis/cluster', 'redis/cost', 'browser/element', 'redis/transitions'],
  ...['command/webhooks', 'errors/log-events', 'attack/attack'],
]
/** Begins last, because its rolling restart needs both processors: the tests beside it have ended by then. */
const last = 'settle/settle'

/** Begins with the files that take long. Vitest begins with the largest, where it does not know how long they took. */
export class LongestFirst extends BaseSequencer {
  /** @override @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    const rank = (/** @type {import('vitest/node').TestSpecification} */ { moduleId }) => {
      const at = [...long, last].findIndex((name) => moduleId.endsWith(`/tests/${name}.test.ts`))
      return at < 0 ? long.length - 0.5 : at
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
