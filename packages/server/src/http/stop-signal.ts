/** As much of an AbortSignal as a stream needs. */
export interface StopSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', end: () => void): void
  removeEventListener(type: 'abort', end: () => void): void
}

/** The same signal for any number of listeners: of its own it has one, as Node takes more than ten for a leak. */
export function shared(signal: AbortSignal | undefined): StopSignal | undefined {
  if (signal === undefined) return undefined
  const ends = new Set<() => void>()
  signal.addEventListener('abort', () => {
    for (const end of ends) end()
  })
  return {
    get aborted() {
      return signal.aborted
    },
    addEventListener: (_type, end) => void ends.add(end),
    removeEventListener: (_type, end) => void ends.delete(end),
  }
}
