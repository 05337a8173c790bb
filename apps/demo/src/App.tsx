import type { Client } from '@headcount/client'
import { HeadcountProvider } from '@headcount/react'
import { useCallback } from 'react'
import { Connection } from './site/Connection.js'
import { Header } from './site/Header.js'
import { Missing } from './site/Missing.js'
import type { Session } from './site/session.js'
import { useRoute } from './site/useRoute.js'
import { Watch } from './videos/Watch.js'

interface Props {
  readonly client: Client
  readonly session: Session
}

export function App({ client, session }: Props) {
  const [route, go] = useRoute()
  const tellServer = useCallback(() => {
    if (session.get().person) client.signIn(session.token)
    else client.signOut()
  }, [client, session])

  return (
    <HeadcountProvider client={client}>
      <a className="skip" href="#main">
        Skip to the video
      </a>
      <Header session={session} go={go} onChange={tellServer} />
      <main id="main" tabIndex={-1}>
        {route.page === 'video' ? <Watch id={route.id} go={go} /> : <Missing go={go} />}
      </main>
      <footer className="site-foot">
        <p>Counted by Headcount: how many people are here, and never who.</p>
      </footer>
      <Connection />
    </HeadcountProvider>
  )
}
