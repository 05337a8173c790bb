import type { Client } from '@headcount/client'
import { expectTypeOf } from 'vitest'
import { type Counts, getClient, setClient, type TopicSnapshot, useCounts } from './index.js'

declare const client: Client
declare const grouped: Client<'members' | 'guests'>
const initial: Counts = { users: { count: 1 }, viewers: { count: 2 } }
const topic = () => 'video:42'

setClient(client)
setClient(grouped)
expectTypeOf(getClient()).toEqualTypeOf<Client>()
expectTypeOf(useCounts(topic).current).toEqualTypeOf<TopicSnapshot>()
expectTypeOf(useCounts(() => null).current.counts.users.count).toEqualTypeOf<number>()
useCounts(topic, () => ({ observe: true, count: 'visible', tabs: 'one', initial }))
expectTypeOf(useCounts<'members' | 'guests'>(topic).current.counts.members.count).toEqualTypeOf<number>()

// @ts-expect-error a topic is given by a function, which may read what changes
useCounts('video:42')
// @ts-expect-error a snapshot is read only
useCounts(topic).current.status = 'live'
