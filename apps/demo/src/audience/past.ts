import type { History } from './plot.js'

/** What `/api/counts/:topic/history` answers, as far as it is drawn. Times are in ms since 1970. */
export interface Past {
  /** From here on there is no gap; null where nothing is known. */
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

/** Clocks that differ by no more ms may be equal: the header `date` has whole seconds, and comes late. */
const uncertain = 2_000

/** Null where nothing is known. */
interface Figures {
  readonly average: number | null
}

/**
 * The averages of minutes as samples, in whole people. A minute of which nothing is known is a gap.
 * @param ahead by how much, in ms, the clock of the page is ahead of the server's.
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
 * The past of a topic, by the clock of the page.
 * @returns nothing where it cannot be read: the plot begins with the page then.
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
