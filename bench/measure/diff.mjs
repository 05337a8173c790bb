/** Bytes of the diff that Headcount tells each of so many clients, without the frame's header. @param {number} clients */
export function diffBytes(clients) {
  /** @param {number} viewers */
  const counts = (viewers) => ({ users: { count: 0 }, viewers: { count: viewers } })
  const payload = { joins: counts(1), leaves: counts(0), counts: counts(clients) }
  return JSON.stringify([null, null, 'video:0', 'presence_diff', payload]).length
}
