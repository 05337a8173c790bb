/** Options of which each may be absent, or undefined, which is the same. */
export type PartialOptions<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** The defaults, replaced by the values that were given. */
export function withDefaults<T extends object>(defaults: T, given: PartialOptions<T> = {}): T {
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
}
