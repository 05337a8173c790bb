import { isSocketPath } from '@headcount/protocol'

/** Every HTTP route. `handle` answers these and the socket path, and passes other requests to the application. */
export const routes = {
  counts: '/api/counts',
  streams: '/api/counts/stream',
  topic: '/api/counts/:topic',
  stream: '/api/counts/:topic/stream',
  openApi: '/api/openapi.json',
  live: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
} as const

export type RouteName = keyof typeof routes

const paths = Object.values(routes).map((route) => route.replaceAll('.', '\\.').replace(':topic', '[^/?]+'))
const pattern = new RegExp(`^(?:${paths.join('|')})(?:\\?|$)`)

/** Whether a request for this URL is answered here. */
export function isOurs(url: string | undefined): boolean {
  return pattern.test(url ?? '') || isSocketPath(url)
}
