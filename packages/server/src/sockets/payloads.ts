/** Reasons of replies to invalid payloads: what was expected. */
export const invalidJoin = 'invalid payload: expected an object, with observe true or false if given'
export const invalidObserve = 'invalid payload: expected an object with observe true or false'
export const invalidToken = 'invalid payload: expected an object with a token, or null to sign out'

/** The token of a payload, null for none; undefined for an invalid payload. */
export function readToken(payload: unknown): string | null | undefined {
  const token = isObject(payload) ? payload.token : undefined
  return token === null || typeof token === 'string' ? token : undefined
}

/** Whether a join asks to observe; undefined for an invalid payload. `null` and `""` are empty payloads. */
export function readObserve(payload: unknown): boolean | undefined {
  if (payload === null || payload === '') return false
  const observe = isObject(payload) ? (payload.observe ?? false) : undefined
  return typeof observe === 'boolean' ? observe : undefined
}

/** Whether the event `observe` asks to observe; undefined for an invalid payload. */
export function readObserveEvent(payload: unknown): boolean | undefined {
  const observe = isObject(payload) ? payload.observe : undefined
  return typeof observe === 'boolean' ? observe : undefined
}

function isObject(payload: unknown): payload is Record<string, unknown> {
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload) && !ArrayBuffer.isView(payload)
}
