/** Whether a page of `origin` may read counts and open sockets on the server at `host` (name and port). */
export type AllowsOrigin = (origin: string, host: string) => boolean

/**
 * An origin as browsers and applications send it, one with `*.` for all its sub-domains, or `*`. One slash may follow
 * it, as it does in an address bar. Electron sends `file://`, and a page without an origin `null`.
 * @returns undefined where a text is none of these.
 */
export function readOrigin(text: unknown): string | undefined {
  const origin = String(text).replace(/(?<=[^/])\/$/, '')
  return /^(\*|null|file:\/\/|[a-z][a-z\d+.-]*:\/\/(\*\.)?[^\s/?#@*]+)$/i.test(origin) ? origin : undefined
}

/**
 * The rule of the option `origins`: the named ones, all sub-domains of those with `*.`, or all where `*` is among them.
 * By default the pages of the server's own host, on any port: Phoenix compares no ports either, and a development
 * server has another port. The names of this machine (`localhost` and below it, 127.0.0.0/8, ::1) are one host.
 */
export function allowsOrigin(origins: readonly string[] | undefined): AllowsOrigin {
  if (origins === undefined) return isSameHost
  const sent = origins.map(asSent)
  const named = new Set(sent)
  const wildcards = sent.filter((origin) => origin.includes('://*.')).map((origin) => origin.split('*', 2))
  return (origin) => {
    const given = origin.toLowerCase()
    const isSubdomain = ([start = '', end = '']: readonly string[]): boolean =>
      given.startsWith(start) && given.endsWith(end) && /^[\w.-]+$/.test(given.slice(start.length, -end.length))
    return named.has('*') || named.has(given) || wildcards.some(isSubdomain)
  }
}

/** An origin as browsers send it: without the default port, and with the host in ASCII. */
function asSent(given: string): string {
  const origin = readOrigin(given) ?? given
  const { origin: sent } = URL.canParse(origin) ? new URL(origin) : { origin: 'null' }
  // Schemes of applications have no origin in this sense.
  return sent === 'null' ? origin.toLowerCase() : sent
}

const isSameHost: AllowsOrigin = (origin, host) => {
  const page = hostOf(origin)
  return page !== undefined && page === hostOf(`http://${host}`)
}

function hostOf(url: string): string | undefined {
  if (!URL.canParse(url) || readOrigin(url) === undefined) return undefined
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') return undefined
  return /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(hostname) ? 'localhost' : hostname
}

/**
 * Whether a request comes from a page of another origin, by its header `Sec-Fetch-Site`. Browsers send no origin for an
 * image, nor for any other response that the page cannot read, but they do send this.
 */
export function isCrossOrigin(fetchSite: unknown): boolean {
  return fetchSite === 'cross-site' || fetchSite === 'same-site'
}
