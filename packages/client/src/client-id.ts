const key = 'headcount:client_id'

/**
 * A random id kept in `localStorage`: topics that count people count all tabs of a browser as one viewer. Without
 * storage the id is new on each page load. It contains no information about the person, and no other client sees it.
 */
export function storedClientId(): string {
  const fresh = Array.from(crypto.getRandomValues(new Uint8Array(16)), hex).join('')
  try {
    const stored = localStorage.getItem(key) ?? fresh
    localStorage.setItem(key, stored)
    return stored
  } catch {
    return fresh // there is no storage, or the browser denies access to it
  }
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
