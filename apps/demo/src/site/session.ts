/** A demo person: a name to greet; who they are is in the token alone. */
export interface Person {
  readonly name: string
}

export interface SessionState {
  readonly person: Person | null
  readonly busy: boolean
  /** What went wrong with the last sign-in, in words for the reader. */
  readonly problem: string | null
}

/** Signing in and out as a demo person, remembered for this tab only, so that two tabs can be two people. */
export interface Session {
  get(): SessionState
  subscribe(listener: () => void): () => void
  /** Asks the server for a demo person. False when it gave none; `problem` then says why. */
  signIn(): Promise<boolean>
  signOut(): void
  /**
   * A token for the person who is signed in, asked for anew each time; the last one when the server is away; null for
   * nobody. Whom the server no longer signs in is signed out.
   * @throws where the server is away and there is no last one.
   */
  token(): Promise<string | null>
}

const key = 'longtake.person'

/** The server answered, and gave no person. The message is for the reader. */
class Refusal extends Error {}

export function createSession(fetch: typeof globalThis.fetch, storage: Storage): Session {
  const listeners = new Set<() => void>()
  const name = storage.getItem(key)
  let state: SessionState = { person: name === null ? null : { name }, busy: false, problem: null }
  let fresh: string | null = null
  let last: string | null = null

  function set(next: Partial<SessionState>): void {
    state = { ...state, ...next }
    for (const listener of listeners) listener()
  }

  function leave(): void {
    storage.removeItem(key)
    fresh = last = null
    set({ person: null, problem: null })
  }

  async function ask(): Promise<{ token: string; name: string }> {
    const body = JSON.stringify(state.person ?? {})
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch('/demo/sign-in', { method: 'POST', headers, body })
    if (answer.status === 404) throw new Refusal('Sign-in is off on this server.')
    if (!answer.ok) throw new Refusal('Sign-in did not work. Please try again.')
    return (await answer.json()) as { token: string; name: string }
  }

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async signIn() {
      set({ busy: true, problem: null })
      try {
        const { token, name } = await ask()
        fresh = last = token
        storage.setItem(key, name)
        set({ busy: false, person: { name } })
        return true
      } catch (error) {
        const refused = error instanceof Refusal
        set({
          busy: false,
          problem: refused ? error.message : 'The server did not answer. Please try again.',
        })
        return false
      }
    },
    signOut: leave,
    async token() {
      if (!state.person) return null
      if (fresh !== null) {
        const token = fresh
        fresh = null
        return token
      }
      try {
        last = (await ask()).token
      } catch (error) {
        if (error instanceof Refusal) leave()
        // Nothing to come back with: the client asks again after a while.
        else if (last === null) throw error
      }
      return last
    },
  }
}
