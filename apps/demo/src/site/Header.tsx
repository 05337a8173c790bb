import { useSyncExternalStore } from 'react'
import { Link } from './Link.js'
import type { Session } from './session.js'
import type { Go } from './useRoute.js'
import './header.css'

interface Props {
  readonly session: Session
  readonly go: Go
  /** Called when the person has changed: the socket must tell the server. */
  onChange(): void
}

export function Header({ session, go, onChange }: Props) {
  const { person, busy, problem } = useSyncExternalStore(session.subscribe, session.get)
  const change = async () => {
    if (person) session.signOut()
    else if (!(await session.signIn())) return
    onChange()
  }
  return (
    <header className="site-head">
      <Link href="/" go={go} className="brand">
        <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
          <path d="M8.2 17.2a7.8 7.8 0 0 1 15.6 0z" fill="var(--users-fill)" />
          <path
            d="M3 20.2h26M8.5 24.4h15M13 28.4h6"
            stroke="var(--viewers-fill)"
            strokeWidth="2"
            strokeLinecap="round"
          />
        </svg>
        Longtake
      </Link>
      <div className="account">
        {person && (
          <span className="person">
            <span className="mark person-mark" aria-hidden="true">
              {person.name.slice(0, 1)}
            </span>
            <span className="person-name">{person.name}</span>
          </span>
        )}
        {/* One button for both, so that the focus stays where it was. */}
        <button
          type="button"
          className="button"
          data-kind={person ? 'quiet' : 'strong'}
          data-testid={person ? 'sign-out' : 'sign-in'}
          aria-disabled={busy}
          onClick={busy ? undefined : change}
        >
          {person ? 'Sign out' : busy ? 'Signing in…' : 'Sign in'}
        </button>
      </div>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </header>
  )
}
