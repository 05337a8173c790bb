import { useCallback, useEffect, useRef, useState } from 'react'
import type { People } from './crowd.js'

/** How long a hand must rest on the slider before the server is asked, and how often it is asked how far it is. */
const rest = 200
const poll = 1000

export type Crowd =
  | { readonly state: 'asking' | 'off' | 'away' }
  | {
      readonly state: 'on'
      /** What the server was last asked for, by this page or another. */
      readonly wanted: People
      /** Those who are in. */
      readonly here: People
      readonly max: number
    }

interface CrowdControl {
  readonly crowd: Crowd
  /** Asks for a crowd of this size; the last wish within a moment counts. */
  ask(people: People): void
}

/** The simulated crowd of the server, as the server tells it. `off` where it has none. */
export function useCrowd(): CrowdControl {
  const [crowd, setCrowd] = useState<Crowd>({ state: 'asking' })
  const wish = useRef<{ people: People; timer: ReturnType<typeof setTimeout> }>(undefined)

  const calls = useRef(0)

  const call = useCallback(async (people?: People) => {
    const turn = ++calls.current
    const next = await callServer(people)
    // An answer that a newer wish has overtaken would pull the slider back under the hand.
    if (turn === calls.current && !wish.current) setCrowd(next)
  }, [])

  useEffect(() => {
    const look = () => {
      if (!document.hidden && !wish.current) void call()
    }
    look()
    const timer = setInterval(look, poll)
    return () => {
      clearInterval(timer)
      clearTimeout(wish.current?.timer)
    }
  }, [call])

  const ask = useCallback(
    (people: People) => {
      clearTimeout(wish.current?.timer)
      setCrowd((now) => (now.state === 'on' ? { ...now, wanted: people } : now))
      const timer = setTimeout(() => {
        wish.current = undefined
        void call(people)
      }, rest)
      wish.current = { people, timer }
    },
    [call],
  )
  return { crowd, ask }
}

/** What the server says of its crowd: what it was asked for, who is in, and the most it takes. */
interface Told extends People {
  readonly here: People
  readonly max: number
}

async function callServer(people?: People): Promise<Crowd> {
  try {
    const answer = await fetch('/demo/crowd', people && post(people))
    if (answer.status === 404) return { state: 'off' }
    if (!answer.ok) return { state: 'away' }
    const { users, viewers, here, max } = (await answer.json()) as Told
    return { state: 'on', wanted: { users, viewers }, here, max }
  } catch {
    return { state: 'away' }
  }
}

function post(people: People): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(people),
  }
}
