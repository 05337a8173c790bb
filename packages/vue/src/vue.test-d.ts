import type { Client } from '@headcount/client'
import { expectTypeOf } from 'vitest'
import { type App, ref, type ShallowRef } from 'vue'
import { type Counts, headcount, type TopicSnapshot, useClient, useCounts } from './index.js'

declare const app: App
declare const client: Client
declare const grouped: Client<'members' | 'guests'>
const initial: Counts = { users: { count: 1 }, viewers: { count: 2 } }

app.use(headcount(client))
app.use(headcount(grouped))
expectTypeOf(useClient()).toEqualTypeOf<Client>()
expectTypeOf(useCounts('video:42')).toEqualTypeOf<Readonly<ShallowRef<TopicSnapshot>>>()
expectTypeOf(useCounts(null).value.counts.users.count).toEqualTypeOf<number>()
useCounts(ref('video:42'), { observe: true, count: 'visible', tabs: 'one', initial })
useCounts(
  () => 'video:42',
  () => ({ initial }),
)
expectTypeOf(useCounts<'members' | 'guests'>('video:42').value.counts.members.count).toEqualTypeOf<number>()

// @ts-expect-error a topic is a string
useCounts(42)
// @ts-expect-error a snapshot is read only
useCounts('video:42').value.status = 'live'
