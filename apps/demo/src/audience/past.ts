import type { History } from './plot.js'

/** The part of `/api/counts/:topic/history` that is drawn. Times are in ms since 1970. */
export interface Past {
  /** The start of the record without a gap; null without data. */
  readonly wholeFrom: number | null
  readonly points: readonly Point[]
}

interface Point {
  readonly at: number
  /** For how long the counts are known, in ms. */
  readonly known: number
  readonly groups: { readonly users: Figures; readonly viewers: Figures }
}

/** In ms: the step of the points. */
const minute = 60_000

/** A smaller clock difference, in ms, may be none: the header `date` has whole seconds, and arrives late. */
const uncertain = 2_000

/** Null if nothing is known. */
interface Figures {
  readonly average: number | null
}

/**
 * The averages of minutes as samples, in whole people. A minute without data is a gap.
 * @param ahead how far, in ms, the clock of the page is ahead of the server's.
 */
export function samplesOf({ wholeFrom, points }: Past, ahead: number): History {
  const first = points.findIndex(({ known }) => known > 0)
  if (first < 0) return []
  return points.slice(first).map(({ at, known, groups: { users, viewers } }, i) => {
    const isPartOfMinute = i === 0 && wholeFrom !== null && wholeFrom > at && wholeFrom < at + minute
    const counts = known > 0 ? { users: whole(users), viewers: whole(viewers) } : null
    return { at: (isPartOfMinute ? wholeFrom : at) + ahead, counts }
  })
}

const whole = ({ average }: Figures) => Math.round(average ?? 0)

/**
 * The history of a topic, by the clock of the page.
 * @returns an empty list if it cannot be read: the plot then begins with the page.
 */
export async function readPast(topic: string): Promise<History> {
  try {
    const response = await fetch(`/api/counts/${encodeURIComponent(topic)}/history`)
    if (!response.ok) return []
    const ahead = Date.now() - Date.parse(response.headers.get('date') ?? '')
    return samplesOf((await response.json()) as Past, Math.abs(ahead) > uncertain ? ahead : 0)
  } catch {
    return []
  }
}
