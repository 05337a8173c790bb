import type { Counts } from '@headcount/react'
import { VideoPresence } from './VideoPresence'

// Rendered for each request, with the counts of that moment.
export const dynamic = 'force-dynamic'

export default async function Page() {
  const response = await fetch('http://localhost:4000/api/counts/video:42')
  const { counts } = (await response.json()) as { counts: Counts }
  return (
    <main>
      <h1>Video 42</h1>
      <VideoPresence initial={counts} />
    </main>
  )
}
