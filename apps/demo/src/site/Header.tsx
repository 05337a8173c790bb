import { useClient } from '@headcount/react'
import { useState } from 'react'
import type { Session } from './session.js'

/** The name of the site, and the button that signs a demo user in or out. */
export function Header({ session }: { readonly session: Session }) {
  const client = useClient()
  const [name, setName] = useState(session.name)
  const [status, setStatus] = useState<'idle' | 'busy' | 'failed'>('idle')

  const signIn = async () => {
    setStatus('busy')
    try {
      await session.signIn()
      client.signIn(session.token)
      setName(session.name)
      setStatus('idle')
    } catch {
      setStatus('failed')
    }
  }
  const signOut = () => {
    session.signOut()
    client.signOut()
    setName(null)
  }

  return (
    <header className="site-head row">
      <a href="/" className="brand">
        <img src="/favicon.svg" width="28" height="28" alt="" />
        Longtake
      </a>
      {name && <b>{name}</b>}
      {/* One button for both, so that it keeps the focus. */}
      <button
        type="button"
        className="button"
        data-kind={name ? 'quiet' : 'strong'}
        data-testid={name ? 'sign-out' : 'sign-in'}
        aria-disabled={status === 'busy'}
        onClick={status === 'busy' ? undefined : name ? signOut : signIn}
      >
        {name ? 'Sign out' : status === 'busy' ? 'Signing in…' : 'Sign in'}
      </button>
      {status === 'failed' && (
        <p className="note" role="alert">
          The server did not sign you in. Please try again.
        </p>
      )}
    </header>
  )
}
