export interface UntilOptions {
  /** In ms: 10,000 by default. Generous, because a test that passes does not wait this long. */
  readonly within?: number
  /** The value to report on timeout. */
  readonly got?: () => unknown
}

/** How often a condition is polled, in ms. */
const interval = 5

/**
 * Polls a condition on real time.
 *
 * @param condition completes "expected …" in the error.
 * @returns the first truthy result of `probe`. While `probe` throws, the condition does not hold.
 * @throws on timeout.
 */
export async function until<T>(
  condition: string,
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
      throw new Error(`expected ${condition} within ${within} ms, got ${text(got?.() ?? last)}`)
    }
    await pause(interval)
  }
}

/** Waits on real time, for tests that need time to pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function text(value: unknown): string {
  if (value instanceof Error) return value.message
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
}
