import type { Client } from '@headcount/client'
import type { ReactElement } from 'react'
import { expectTypeOf } from 'vitest'
import {
  type ConnectionSnapshot,
  type Counts,
  HeadcountProvider,
  Presence,
  type TopicSnapshot,
  useClient,
  useConnection,
  useCounts,
} from './index.js'

declare const client: Client
const initial: Counts = { users: { count: 1 }, viewers: { count: 2 } }

expectTypeOf(useCounts('video:42')).toEqualTypeOf<TopicSnapshot>()
expectTypeOf(useCounts('video:42', { observe: true, initial }).counts.users.count).toEqualTypeOf<number>()
expectTypeOf(useCounts(null)).toEqualTypeOf<TopicSnapshot>()
expectTypeOf(useConnection()).toEqualTypeOf<ConnectionSnapshot>()
expectTypeOf(useClient()).toEqualTypeOf<Client>()
expectTypeOf(Presence).returns.toEqualTypeOf<ReactElement>()

const guests: Counts<'members' | 'guests'> = { members: { count: 1 }, guests: { count: 2 } }
expectTypeOf(
  useCounts<'members' | 'guests'>('video:42', { initial: guests }).counts.members.count,
).toEqualTypeOf<number>()
expectTypeOf(useCounts<'members' | 'guests'>('video:42').counts).toEqualTypeOf<typeof guests>()
declare const grouped: Client<'members' | 'guests'>
export const groupedApp = (
  <HeadcountProvider client={grouped}>
    <Presence<'members' | 'guests'> topic="video:42" initial={guests}>
      {({ counts }) => counts.guests.count}
    </Presence>
  </HeadcountProvider>
)

export const valid = (
  <HeadcountProvider client={client}>
    <Presence topic="video:42" />
    <Presence topic="video:42" observe initial={initial} locale="fr" compact className="badge" />
    <Presence topic="video:42" labels={{ empty: 'Personne', groups: { viewers: { other: '# spectateurs' } } }} />
    <Presence topic="video:42">
      {({ counts, status, text }) => {
        expectTypeOf(counts).toEqualTypeOf<Counts>()
        expectTypeOf(status).toEqualTypeOf<'connecting' | 'live' | 'stale' | 'refused'>()
        return text
      }}
    </Presence>
  </HeadcountProvider>
)

// @ts-expect-error a topic is required
export const noTopic = <Presence />
// @ts-expect-error a client is required
export const noClient = <HeadcountProvider />
// @ts-expect-error every language has another form for the rest
export const noOther = <Presence topic="video:42" labels={{ groups: { users: { one: '# user' } } }} />
// @ts-expect-error counts are of every group
useCounts('video:42', { initial: { users: { count: 1 } } })
