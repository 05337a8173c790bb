/** The answer of `/api/counts/:topic/history`: the parts that are shown. Times are in ms since 1970. */
export interface History {
  readonly total: Figures
  readonly points: readonly { readonly at: number; readonly total: Figures }[]
}

/** Null where nothing is known. */
interface Figures {
  readonly peak: number | null
  readonly peakAt: number | null
  readonly average: number | null
  readonly personMinutes: number | null
}

/** The average of each minute, the peak, and person-minutes in all. */
export function linesOf({ points, total }: History) {
  const { peak, peakAt, personMinutes } = total
  return {
    average: { times: points.map(({ at }) => at / 1000), values: points.map((point) => point.total.average) },
    peak: peak === null || peakAt === null ? undefined : { count: peak, at: peakAt },
    personMinutes: personMinutes ?? 0,
  }
}
