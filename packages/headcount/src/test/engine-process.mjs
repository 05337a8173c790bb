// The process of a worker with only an engine. The test that forked it calls the engine over a second
// channel.

import { systemClock } from '@headcount/core'
import { portOf } from '../../dist/workers/batched.js'
import { connect } from '../../dist/workers/worker-channel.js'
import { workerEngine } from '../../dist/workers/worker-engine.js'
import { taggedPort } from './tagged-port.mjs'

/**
 * @typedef {import('../../dist/workers/worker-channel.js').EngineFunctions} EngineFunctions
 * @typedef {Pick<import('../../dist/workers/worker-channel.js').WorkerFunctions, 'changed' | 'received'>} Changes
 * @typedef {Required<import('../../dist/workers/worker-channel.js').PrimaryFunctions>} PrimaryFunctions
 * @typedef {import('../../dist/workers/worker-channel.js').Primary} Primary
 * @typedef {Required<ReturnType<typeof workerEngine>>} WorkerEngine
 */

const port = portOf(process)
/** @type {ReturnType<typeof connect<PrimaryFunctions, Changes>>} */
const primary = connect(port, systemClock, {
  changed: (...args) => engine.receive(...args),
  received: (text) => engine.receiveText(text),
})
const engine = /** @type {WorkerEngine} */ (workerEngine(/** @type {Primary} */ (primary)))
/** @type {Map<string, number>} */
const watches = new Map()
const { list: replicas, rows } = engine.replicas
/** @type {ReturnType<typeof connect<Changes, EngineFunctions>>} */
const test = connect(taggedPort(port), systemClock, {
  ...{ ...engine, replicas, rows },
  open: (replica, options) =>
    engine.open(replica, {
      ...options,
      received: (text) => void test.received.asEvent(text),
      changed: (topic, totals) => void test.changed.asEvent(topic, totals, watches.get(topic) ?? 0),
    }),
  send: (to, text) => engine.relay.send(to, text),
  history: (topic) => engine.history.read(topic),
  watch(topic, watch) {
    watches.set(topic, watch)
    return engine.watch(topic)
  },
})
process.on('disconnect', () => process.exit())
