const key = 'headcount:client_id'

/**
 * A random id of this browser, kept in `localStorage`: its tabs are one viewer where people are counted. Where nothing
 * can be kept it is an id of this page. It says nothing about anybody and is never shown to others.
 */
export function viewerId(): string {
  const fresh = Array.from(crypto.getRandomValues(new Uint8Array(16)), hex).join('')
  try {
    const kept = localStorage.getItem(key) ?? fresh
    localStorage.setItem(key, kept)
    return kept
  } catch {
    return fresh // no storage here, or the browser forbids it
  }
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
