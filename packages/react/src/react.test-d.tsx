import type { Client } from '@headcount/client'
import type { ReactElement } from 'react'
import { expectTypeOf } from 'vitest'
import { type Counts, HeadcountProvider, Presence, type TopicSnapshot, useClient, useCounts } from './index.js'

declare const client: Client
const initial: Counts = { users: { count: 1 }, viewers: { count: 2 } }

expectTypeOf(useCounts).returns.toEqualTypeOf<TopicSnapshot>()
expectTypeOf(useCounts('video:42', { observe: true, initial }).counts.users.count).toEqualTypeOf<number>()
expectTypeOf(useClient).returns.toEqualTypeOf<Client>()
expectTypeOf(Presence).returns.toEqualTypeOf<ReactElement>()

export const fine = (
  <HeadcountProvider client={client}>
    <Presence topic="video:42" />
    <Presence topic="video:42" observe initial={initial} locale="fr" compact className="badge" />
    <Presence topic="video:42" labels={{ nobody: 'Personne', groups: { viewers: { other: '# spectateurs' } } }} />
    <Presence topic="video:42">
      {({ counts, status, text }) => {
        expectTypeOf(counts).toEqualTypeOf<Counts>()
        expectTypeOf(status).toEqualTypeOf<'connecting' | 'live' | 'stale' | 'refused'>()
        return text
      }}
    </Presence>
  </HeadcountProvider>
)

// @ts-expect-error a topic has a name
export const noTopic = <Presence />
// @ts-expect-error a provider has a client
export const noClient = <HeadcountProvider />
// @ts-expect-error every language has another form for the rest
export const noOther = <Presence topic="video:42" labels={{ groups: { users: { one: '# user' } } }} />
// @ts-expect-error counts are of every group
useCounts('video:42', { initial: { users: { count: 1 } } })
