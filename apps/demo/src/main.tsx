import './style/tokens.css'
import './style/base.css'
import './style/page.css'
import { createClient } from '@headcount/client'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.js'
import { createSession } from './site/session.js'

const session = createSession(window.fetch.bind(window), window.sessionStorage)
const client = createClient({ url: '/socket', token: session.token })

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App client={client} session={session} />
  </StrictMode>,
)
