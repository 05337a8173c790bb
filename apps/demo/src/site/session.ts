/** Signs demo users in and out. The user is remembered for this tab only, so that two tabs can be two users. */
export interface Session {
  /** The name of the user who is signed in. */
  readonly name: string | null
  /** Asks the server for a new user. @throws if the server is unreachable or refuses. */
  signIn(): Promise<void>
  signOut(): void
  /** A fresh token for the user, or null without a user. @throws as `signIn`. */
  token(): Promise<string | null>
}

const key = 'longtake.user'

export function createSession(fetch: typeof globalThis.fetch, storage: Storage): Session {
  async function request(body: { name?: string }): Promise<{ token: string; name: string }> {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch('/demo/sign-in', { method: 'POST', headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`sign-in failed with status ${response.status}`)
    return (await response.json()) as { token: string; name: string }
  }

  return {
    get name() {
      return storage.getItem(key)
    },
    async signIn() {
      storage.setItem(key, (await request({})).name)
    },
    signOut: () => storage.removeItem(key),
    async token() {
      const name = storage.getItem(key)
      return name === null ? null : (await request({ name })).token
    },
  }
}
