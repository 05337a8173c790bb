import { noMetrics, systemClock, Turn } from '@headcount/core'
import { type HttpOptions, httpApp } from '../http/app.js'
import type { CountsSource } from '../http/source.js'

const fail = () => {
  throw new Error('a secret')
}

/** Throws on every call. */
export const failingSource: CountsSource = {
  ...{ reader: fail, refusesStream: fail, read: fail, rule: fail, history: fail, subscribe: fail },
}

/** The HTTP side of a server with a test's source. */
export function appWith(source: CountsSource, options: Partial<HttpOptions> = {}) {
  return httpApp({
    ...{ source, operator: { busiest: fail, explain: fail, replicas: fail }, operatorKey: 'key', groups: [] },
    ...{ metrics: noMetrics, allowsOrigin: () => true, clock: systemClock, turn: new Turn(systemClock, fail) },
    ...{ maxTopicBytes: 255, maxStreams: 10, addressOf: () => null, trouble: fail, notAttached() {}, report() {} },
    refusesForMemory: () => false,
    ...options,
  })
}
