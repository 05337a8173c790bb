'use client'
import { createClient } from '@headcount/client'
import { type Counts, HeadcountProvider, Presence } from '@headcount/react'

const client = createClient({ url: 'ws://localhost:4000/socket' })

export function VideoPresence({ initial }: { initial: Counts }) {
  return (
    <HeadcountProvider client={client}>
      <Presence topic="video:42" initial={initial} />
    </HeadcountProvider>
  )
}
