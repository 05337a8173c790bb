import { isSocketPath } from '@headcount/protocol'

/** Every HTTP route. `handle` answers these and the socket path, and passes other requests to the application. */
export const routes = {
  counts: '/api/counts',
  streams: '/api/counts/stream',
  topic: '/api/counts/:topic',
  stream: '/api/counts/:topic/stream',
  openApi: '/api/openapi.json',
  badge: '/badge/:topic.svg',
  badgeEndpoint: '/badge/:topic.json',
  live: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
} as const

export type RouteName = keyof typeof routes

const badges: readonly string[] = [routes.badge, routes.badgeEndpoint]
const [ours, oursWithoutBadges] = [
  patternOf(Object.values(routes)),
  patternOf(Object.values(routes).filter((route) => !badges.includes(route))),
]

/** Whether a request for this URL is answered here. @param hasBadges whether the topics of a pattern have badges. */
export function isOurs(url: string | undefined, hasBadges: boolean): boolean {
  return (hasBadges ? ours : oursWithoutBadges).test(url ?? '') || isSocketPath(url)
}

function patternOf(paths: readonly string[]): RegExp {
  const patterns = paths.map((route) => route.replaceAll('.', '\\.').replace(':topic', '[^/?]+'))
  return new RegExp(`^(?:${patterns.join('|')})(?:\\?|$)`)
}
