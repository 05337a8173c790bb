const key = 'headcount:client_id'

/** Where a random id is kept: for the tab, or for all tabs of the browser. */
export type KeptId = 'session' | 'browser'

/**
 * A random id that says nothing about the person. It is new each day (UTC), and after `forget`. Where the browser
 * denies storage it is kept in memory.
 */
export function createRandomId(where: KeptId, random: () => number) {
  let kept: string | null = ''
  const storage = (use: (storage: Storage) => void): void => {
    try {
      use(where === 'browser' ? localStorage : sessionStorage)
    } catch {} // there is no storage, or the browser denies access to it
  }
  return {
    get(): string {
      const day = `${Math.floor(Date.now() / 86_400_000)}:`
      storage((items) => {
        kept = items.getItem(key)
      })
      if (!kept?.startsWith(day)) kept = day + randomHex(random)
      storage((items) => items.setItem(key, kept!))
      return kept.slice(day.length)
    },
    forget(): void {
      kept = ''
      storage((items) => items.removeItem(key))
    },
  }
}

/** 128 random bits. React Native has no `crypto`. */
function randomHex(random: () => number): string {
  const bytes = new Uint8Array(16).map(() => random() * 256)
  globalThis.crypto?.getRandomValues(bytes)
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
