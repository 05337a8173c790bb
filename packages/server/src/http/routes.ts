import { isLongPollPath, isSocketPath, originForm } from '@headcount/protocol'

/** Every HTTP route. `handle` answers these and the paths of sockets, and passes other requests to the application. */
export const routes = {
  counts: '/api/counts',
  streams: '/api/counts/stream',
  topic: '/api/counts/:topic',
  stream: '/api/counts/:topic/stream',
  history: '/api/counts/:topic/history',
  openApi: '/api/openapi.json',
  element: '/headcount.js',
  elementStreams: '/headcount-streams.js',
  badge: '/badge/:topic.svg',
  badgeEndpoint: '/badge/:topic.json',
  live: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
  busiest: '/api/topics',
  explained: '/api/topics/:topic',
  replicas: '/api/replicas',
  settings: '/api/settings',
  dashboard: '/dashboard',
} as const

export type RouteName = keyof typeof routes

/** The routes for operators. The dashboard is a page without data, which requests these. */
export const operatorRoutes = [
  ...[routes.metrics, routes.busiest, routes.explained, routes.replicas, routes.settings],
] as const

const badgeRoutes: readonly string[] = [routes.badge, routes.badgeEndpoint]
const [badges, others] = [
  patternOf(badgeRoutes),
  patternOf(Object.values(routes).filter((route) => !badgeRoutes.includes(route))),
]

/**
 * Whether a request for this URL is answered here, rather than by the application. Under `/badge` only topics with a
 * badge are.
 * @param hasBadge whether a topic has a badge.
 */
export function isOurs(requested: string | undefined, hasBadge: (topic: string) => boolean): boolean {
  const url = originForm(requested)
  const topic = badges
    .exec(url)
    ?.slice(1)
    .find((group) => group !== undefined)
  return topic === undefined ? others.test(url) || isSocketPath(url) || isLongPollPath(url) : isBadge(topic, hasBadge)
}

/** @param topic percent-encoded. */
function isBadge(topic: string, hasBadge: (topic: string) => boolean): boolean {
  try {
    return hasBadge(decodeURIComponent(topic))
  } catch {
    return false
  }
}

function patternOf(paths: readonly string[]): RegExp {
  const patterns = paths.map((route) => route.replaceAll('.', '\\.').replace(':topic', '([^/?]+)'))
  return new RegExp(`^(?:${patterns.join('|')})(?:\\?|$)`)
}
