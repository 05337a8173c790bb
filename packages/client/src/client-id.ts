const key = 'headcount:client_id'

/** Where a random id is stored: for the tab, or for all tabs of the browser. */
export type IdStorage = 'session' | 'browser'

/**
 * A random id, independent of the person. `get` makes a new one each day (its prefix, in UTC), after `clear`, and if it
 * was deleted. If the browser denies storage it is kept in memory.
 */
export function createRandomId(where: IdStorage, random: () => number = Math.random) {
  let id = ''
  /** Returns undefined if there is no storage, or the browser denies access to it. */
  const storage = (method: 'getItem' | 'setItem' | 'removeItem'): string | undefined => {
    try {
      return ((where === 'browser' ? localStorage : sessionStorage)[method](key, id) as string | null) ?? ''
    } catch {}
  }
  return {
    get(): string {
      const day = `${Math.floor(Date.now() / 86_400_000)}-`
      id = storage('getItem') ?? id
      if (!id.startsWith(day)) id = day + randomText(random)
      storage('setItem')
      return id
    },
    clear(): void {
      // Another page may have signed out before, and stored its new one.
      if (!id || storage('getItem') === id) storage('removeItem')
      id = ''
    },
  }
}

/** 128 random bits. React Native has no `crypto`. */
function randomText(random: () => number): string {
  const words = new Uint32Array(4).map(() => random() * 2 ** 32)
  globalThis.crypto?.getRandomValues(words)
  return words.join('-')
}
