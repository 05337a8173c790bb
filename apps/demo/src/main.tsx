import './style/tokens.css'
import './style/base.css'
import './style/page.css'
import { createClient } from '@headcount/client'
import { HeadcountProvider } from '@headcount/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { videoIdOf, videoOf } from './scenes/catalog.js'
import { Header } from './site/Header.js'
import { createSession } from './site/session.js'
import { Watch } from './videos/Watch.js'

/** How long a hidden page still counts as visible, in ms: short, so that a visitor notices it. */
const hiddenAfter = 2_000

const session = createSession(window.fetch.bind(window), window.sessionStorage)
const client = createClient({ url: '/socket', token: session.token, hiddenAfter })
const video = videoOf(videoIdOf(window.location.search))
document.title = `${video.title} · Longtake`

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <HeadcountProvider client={client}>
      <Header session={session} />
      <Watch video={video} />
      <footer className="site-foot note">Counted by Headcount: how many people are here, and never who.</footer>
    </HeadcountProvider>
  </StrictMode>,
)
