import { createClient } from '@headcount/client'
import { HeadcountProvider, useCounts } from '@headcount/react'

const client = createClient({ url: '/socket' })

function Viewers({ topic }: { topic: string }) {
  const { counts, status } = useCounts(topic)
  return (
    <p data-status={status} translate="no">
      {counts.users.count} users and {counts.viewers.count} viewers
    </p>
  )
}

export function App() {
  return (
    <HeadcountProvider client={client}>
      <h1>Video 42</h1>
      <Viewers topic="video:42" />
    </HeadcountProvider>
  )
}
