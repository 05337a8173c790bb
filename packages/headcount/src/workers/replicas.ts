import type { Engine, ReplicaId } from '@headcount/core'
import { type Port, rpc } from './rpc.js'

const subject = 'replica'

/** The engine of a worker that is a replica by itself: the process above it knows which one, from `open` to `close`. */
export function knownTo(primary: Port, engine: Engine): Engine {
  const above = rpc(primary, subject, {})
  const open = engine.open.bind(engine)
  const close = engine.close.bind(engine)
  engine.open = async (replica, options) => {
    above.tell('opens', replica)
    await open(replica, options)
  }
  engine.close = async () => {
    await close()
    above.tell('closed', null)
  }
  return engine
}

/**
 * Knows which replica a worker is. Returns what is to be called when the worker has gone: where it has not given up what
 * it held, `forget` is called.
 */
export function forgetIfDead(worker: Port, forget: (replica: ReplicaId) => Promise<void>): () => Promise<void> {
  let replica: ReplicaId | undefined
  const below = rpc(worker, subject, {
    opens(name: ReplicaId) {
      replica = name
    },
    closed() {
      replica = undefined
    },
  })
  return async () => {
    below.close()
    if (replica !== undefined) await forget(replica)
  }
}
