/** The operator's key of every server that the tools start. */
export const operatorKey = 'operator-key-of-the-tools-0123456789'

/** @param {string} url Of the server. @returns The text of `/metrics`. */
export async function fetchMetrics(url) {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${operatorKey}` } })
  if (!response.ok) throw new Error(`/metrics: got status ${response.status}`)
  return response.text()
}

/** @param {string} url @param {string} name @returns The value of a metric without labels; NaN if there is none. */
export async function metric(url, name) {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await fetchMetrics(url))?.[1])
}
