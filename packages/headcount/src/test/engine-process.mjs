// The process of a worker with only an engine. The test that forked it calls the engine over a second
// channel.

import { systemClock } from '@headcount/core'
import { portOf } from '../../dist/workers/batched.js'
import { connect } from '../../dist/workers/worker-channel.js'
import { workerEngine } from '../../dist/workers/worker-engine.js'
import { taggedPort } from './tagged-port.mjs'

const port = portOf(process)
const primary = connect(port, systemClock, {
  changed: (...args) => engine.receive(...args),
  received: (text) => engine.receiveText(text),
})
const engine = workerEngine(primary)
/** @type {Map<string, number>} */
const watches = new Map()
const { list: replicas, rows } = engine.replicas
const test = connect(taggedPort(port), systemClock, {
  ...{ ...engine, replicas, rows },
  open: (replica, options) =>
    engine.open(replica, {
      ...options,
      received: (text) => void test.received.asEvent(text),
      changed: (topic, totals) => void test.changed.asEvent(topic, totals, watches.get(topic)),
    }),
  send: (to, text) => engine.relay.send(to, text),
  history: (topic) => engine.history.read(topic),
  watch(topic, watch) {
    watches.set(topic, watch)
    return engine.watch(topic)
  },
})
process.on('disconnect', () => process.exit())
