import type { Client } from '@headcount/client'
import { HeadcountProvider } from '@headcount/react'
import { Header } from './site/Header.js'
import type { Session } from './site/session.js'
import { useVideoId } from './site/useVideoId.js'
import { Watch } from './videos/Watch.js'

interface Props {
  readonly client: Client
  readonly session: Session
}

export function App({ client, session }: Props) {
  const [id, go] = useVideoId()
  return (
    <HeadcountProvider client={client}>
      <Header session={session} go={go} />
      <main>
        <Watch id={id} go={go} />
      </main>
      <footer className="site-foot note">Counted by Headcount: how many people are here, and never who.</footer>
    </HeadcountProvider>
  )
}
