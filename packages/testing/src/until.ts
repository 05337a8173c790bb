export interface UntilOptions {
  /** In ms: 10,000 unless given. Generous: it is reached only where the promise is broken. */
  readonly within?: number
  /** What to say where the time is up: what was there instead. */
  readonly got?: () => unknown
}

/** How often a condition is asked for, in ms. */
const every = 5

/**
 * Waits for a condition on real time.
 * @param what completes "expected …", in the error.
 * @returns the first truthy thing that `probe` gives. One that throws has not given anything yet.
 * @throws where the time is up.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  { within = 10_000, got }: UntilOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + within
  let last: unknown
  for (;;) {
    try {
      last = await probe()
      if (last) return last as NonNullable<T>
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) {
      const instead = got?.() ?? last
      throw new Error(`expected ${what} within ${within} ms, got ${say(instead)}`)
    }
    await pause(every)
  }
}

/** So many ms on real time, where the passing of time itself is what is tested. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function say(value: unknown): string {
  if (value instanceof Error) return value.message
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
}
