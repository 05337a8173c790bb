/** A response with another status than 200. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** Longest wait for a response, in ms. */
const timeout = 8_000

/** Reads routes with the operator's key, if there is one. Answers of a page that was left meanwhile are dropped. */
export class Api {
  constructor(public key: string | undefined) {}

  /** @throws {Refused} and what `fetch` throws where there is no answer. */
  async json<T>(path: string, signal: AbortSignal): Promise<T> {
    // Relative to the page, which a proxy may have under a prefix.
    const headers = this.key === undefined ? {} : { Authorization: `Bearer ${this.key}` }
    const response = await fetch(`.${path}`, {
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    })
    if (response.ok) return response.json() as Promise<T>
    const body = (await response.json().catch(() => ({}))) as { error?: { code?: string; message?: string } }
    const { code = 'unknown', message = `status ${response.status}` } = body.error ?? {}
    throw new Refused(response.status, code, message)
  }
}
