import { type Group, sumOf } from '@headcount/protocol'
import type { Context, Hono } from 'hono'
import { type Badge, badgeColors, badgeEndpoint, badgeNumber, badgeSvg, isBadgeColor, isBadgeLabel } from './badge.js'
import { cached } from './cached.js'
import { checkTopics, type ReadOptions, readShown, refuse, tokenOf, unavailable } from './check-topics.js'
import { type HttpEnv, problem } from './problem.js'
import { requireMemory } from './require-memory.js'
import { routes } from './routes.js'

/** How long, in seconds, a badge may be cached. Image proxies, such as GitHub's, revalidate it after that. */
const maxAge = 60

const offMessage = 'badges of this topic are off (set badge: true on its pattern)'

const formats = {
  svg: { contentType: 'image/svg+xml; charset=utf-8', write: badgeSvg },
  json: { contentType: 'application/json', write: (badge: Badge) => badgeEndpoint(badge, maxAge) },
} as const

/** Adds the badges of topics: images, and the JSON that shields.io renders. */
export function addBadgeRoutes(app: Hono<HttpEnv>, options: ReadOptions): void {
  const add = (route: string, extension: keyof typeof formats): void => {
    const { contentType, write } = formats[extension]
    app.get(route.replace(`:topic.${extension}`, `:file{[^/]+\\.${extension}}`), requireMemory(options), async (c) => {
      const topic = (c.req.param('file') ?? '').slice(0, -`.${extension}`.length)
      const [refusal] = (await checkTopics(c, [topic], options)).refused
      if (refusal !== undefined) return refuse(c, refusal.error)
      if (options.source.rule(topic)?.badge !== true) return problem(c, 'no_badge', offMessage)
      const style = styleOf(c, options.groups)
      if (typeof style === 'string') return problem(c, 'invalid_badge', style)
      const [shown] = (await readShown(options, [topic], route)) ?? []
      if (shown === undefined) return unavailable(c, 'the counts cannot be read now')
      const counts = shown.totals.filter((_, i) => style.group === undefined || options.groups[i] === style.group)
      const message = messageOf(counts, shown.below)
      // An image that is opened directly is a page: no script may run in it.
      c.header('Content-Security-Policy', "default-src 'none'")
      // Without it, or with that of an application around this server, pages of other sites may not show the image.
      c.header('Cross-Origin-Resource-Policy', 'cross-origin')
      const isPrivate = tokenOf(c) !== undefined
      return cached(c, write({ ...style, message }), { contentType, maxAge: isPrivate ? 0 : maxAge, isPrivate })
    })
  }
  add(routes.badge, 'svg')
  add(routes.badgeEndpoint, 'json')
}

/** The sum of the counts. If all are below the smallest shown count, it is less than this number. */
function messageOf(counts: readonly number[], below: number): string {
  const sum = sumOf(counts)
  return sum === 0 && below > 0 ? `<${badgeNumber(counts.length * (below - 1) + 1)}` : badgeNumber(sum)
}

interface Style extends Pick<Badge, 'label' | 'labelColor' | 'color'> {
  /** The group to show; undefined for the sum of all. */
  readonly group: Group | undefined
}

/** The parameters of a badge, or the error in them. */
function styleOf(c: Context<HttpEnv>, groups: readonly Group[]): Style | string {
  const { label = 'online', labelColor = 'grey', color = 'blue', group } = c.req.query()
  if (!isBadgeLabel(label)) return 'label: expected 1 to 40 printable characters, at least one of them visible'
  const names = badgeColors.join(', ')
  if (!isBadgeColor(labelColor)) return `labelColor: expected one of ${names}`
  if (!isBadgeColor(color)) return `color: expected one of ${names}`
  if (group !== undefined && !groups.includes(group)) return `group: expected one of ${groups.join(', ')}`
  return { label, labelColor, color, group }
}
