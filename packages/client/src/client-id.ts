const key = 'headcount:client_id'

/** Where a random id is kept: for the tab, or for all tabs of the browser. */
export type KeptId = 'session' | 'browser'

/**
 * A random id that says nothing about the person. It is new each day (UTC), with which it begins, and after `forget`.
 * Where the browser denies storage it is kept in memory.
 */
export function createRandomId(where: KeptId, random: () => number = Math.random) {
  let kept = ''
  const storage = (method: 'getItem' | 'setItem' | 'removeItem'): string | null | undefined => {
    try {
      return (where === 'browser' ? localStorage : sessionStorage)[method](key, kept) as string | null
    } catch {} // there is no storage, or the browser denies access to it
  }
  return {
    get(): string {
      const day = `${Math.floor(Date.now() / 86_400_000)}-`
      kept = storage('getItem') ?? kept
      if (!kept.startsWith(day)) kept = day + randomText(random)
      storage('setItem')
      return kept
    },
    forget(): void {
      kept = ''
      storage('removeItem')
    },
  }
}

/** 128 random bits. React Native has no `crypto`. */
function randomText(random: () => number): string {
  const words = new Uint32Array(4).map(() => random() * 2 ** 32)
  globalThis.crypto?.getRandomValues(words)
  return words.join('-')
}
