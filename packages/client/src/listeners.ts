/** A list of callbacks without arguments. */
export function createListeners() {
  const all = new Set<() => void>()
  return {
    /** Returns a function that unsubscribes, once. A function may be subscribed several times. */
    subscribe(call: () => void): () => void {
      const listener = (): void => call()
      all.add(listener)
      return () => {
        all.delete(listener)
      }
    },
    notify(): void {
      for (const listener of [...all]) {
        try {
          if (all.has(listener)) listener()
        } catch (error) {
          setTimeout(() => {
            throw error
          })
        }
      }
    },
  }
}
