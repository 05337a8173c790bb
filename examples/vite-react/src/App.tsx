import { createClient } from '@headcount/client'
import { HeadcountProvider, Presence } from '@headcount/react'

const client = createClient({ url: '/socket' })

export function App() {
  return (
    <HeadcountProvider client={client}>
      <h1>Video 42</h1>
      <Presence topic="video:42" />
    </HeadcountProvider>
  )
}
