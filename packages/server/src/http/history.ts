import { historyReport, type TopicHistory } from '@headcount/core'
import type { Context, Hono, MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'
import { checkTopics, type ReadOptions, refuse, unavailable } from './check-topics.js'
import { rangeOf } from './history-range.js'
import { historyCsv, historyJson } from './history-text.js'
import { type HttpEnv, problem } from './problem.js'
import { requireMemory } from './require-memory.js'
import { routes } from './routes.js'

const path = routes.history
type HistoryContext = Context<HttpEnv, typeof path>

/** Adds the route of histories for operators, of every topic that has one. */
export function addOperatorHistory(app: Hono<HttpEnv>, options: ReadOptions): void {
  app.get(path, (c) => answer(c, options))
}

/**
 * Adds the route of histories for all. Depending on its pattern, everyone who may read a topic's counts may read its
 * history, or only operators.
 */
export function addHistory(app: Hono<HttpEnv>, requireKey: MiddlewareHandler<HttpEnv>, options: ReadOptions): void {
  app.get(
    path,
    requireMemory(options),
    (c, next) => (options.source.rule(c.req.param('topic'))?.history === 'readers' ? next() : requireKey(c, next)),
    async (c) => {
      const topic = c.req.param('topic')
      if (options.source.rule(topic)?.history === 'readers') {
        const [refusal] = (await checkTopics(c, [topic], options)).refused
        if (refusal !== undefined) return refuse(c, refusal.error)
      }
      return answer(c, options)
    },
  )
}

async function answer(c: HistoryContext, { source, groups, report }: ReadOptions): Promise<Response> {
  const topic = c.req.param('topic')
  const readers = source.rule(topic)?.history
  if (readers === undefined) return problem(c, 'unmatched_topic', 'no pattern allows this topic')
  if (readers === 'none') return problem(c, 'no_history', 'this topic has no history: see the setting history')
  let history: TopicHistory
  try {
    history = await source.history(topic)
  } catch (error) {
    report(error, `GET ${routes.counts}`)
    return unavailable(c, 'the history cannot be read now')
  }
  const { from, to, step } = c.req.query()
  const range = rangeOf({ from, to, step }, history.now)
  if (typeof range === 'string') return problem(c, 'invalid_range', range)
  const json = historyJson(topic, range, historyReport(history, range, groups.length), groups)
  const headers = { 'Cache-Control': 'no-store', Vary: 'Accept, Authorization' }
  const supports = ['application/json', 'text/csv']
  return accepts(c, { header: 'Accept', supports, default: supports[0]! }) === 'text/csv'
    ? c.body(historyCsv(json, groups), 200, { ...headers, 'Content-Type': 'text/csv; charset=utf-8' })
    : c.json(json, 200, headers)
}
