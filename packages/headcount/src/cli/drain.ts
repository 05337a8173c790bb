import { setTimeout } from 'node:timers/promises'
import type { Logger } from '@headcount/core'
import { log } from '../log-events.js'
import type { Settings } from '../settings/complete.js'
import type { StopRequests } from './requests.js'
import { maxDrainOver, type RunningServer } from './run-server.js'

/** How long, in ms, a drain may take besides its delay and the closing of sockets. */
const drainTimeout = 8_000

/** How long, in ms, the settings let a drain take. */
export const drainTime = ({ drainDelay, drainOver = maxDrainOver }: Settings): number => drainDelay + drainOver

/**
 * Drains the server when it is asked to stop: at once on Ctrl-C and on a second request. Resolves when it is done or
 * times out.
 */
export async function drain(
  server: RunningServer,
  stops: StopRequests,
  settings: Settings,
  logger: Logger,
): Promise<void> {
  const reason = await stops.first
  const isUrgent = reason !== 'SIGTERM'
  const ms = drainTimeout + (isUrgent ? 0 : drainTime(settings))
  const { sockets } = server
  log(logger, 'draining', { reason, ...(sockets !== undefined && { sockets }) })
  const start = performance.now()
  stops.onNext(() => {
    log(logger, 'drain_hurried')
    void server.drain({ isUrgent: true })
  })
  const finished = new AbortController()
  const late = setTimeout(ms, 'late' as const, { signal: finished.signal }).catch(() => undefined)
  const closed = await Promise.race([late, server.drain({ isUrgent })])
  const seconds = Math.round(performance.now() - start) / 1000
  if (closed === 'late') log(logger, 'drain_timed_out', { ms })
  else log(logger, 'stopped', { seconds, ...(closed !== undefined && { sockets: closed }) })
  finished.abort()
}
