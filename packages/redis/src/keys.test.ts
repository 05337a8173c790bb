import { describe, expect, it } from 'vitest'
import { hashSlot } from './commands.js'
import { Keys } from './keys.js'

describe('keys', () => {
  const keys = new Keys('app', 3, 64)

  it('of one slot are in one hash slot of Redis, and topics are spread over all slots', () => {
    const slots = new Set<number>()
    for (let i = 0; i < 2_000; i++) {
      const topic = `video:${i}{x}`
      const index = keys.slotOf(topic)
      slots.add(index)
      const slot = keys.slot(index)
      const hashSlots = [slot.leases, slot.replica('r'), slot.topic(topic), slot.channel(topic)].map(hashSlot)
      expect(new Set(hashSlots).size).toBe(1)
    }
    expect(slots.size).toBe(64)
  })

  it('begin with the prefix', () => {
    expect(keys.slot(7).topic('video:42')).toBe('app:{7}:topic:video:42')
  })

  it('return the topic of a channel, and keep databases apart', () => {
    for (const topic of ['a', 'changes:3:a', ':', '{1}:changes:3:b']) {
      expect(keys.topicOf(keys.slot(7).channel(topic))).toBe(topic)
    }
    expect(new Keys('app', 4, 64).slot(1).channel('t')).not.toBe(keys.slot(1).channel('t'))
  })

  it('are hashed as CLUSTER KEYSLOT hashes them', () => {
    expect(hashSlot('foo')).toBe(12182)
    expect(hashSlot('{user1000}.following')).toBe(hashSlot('{user1000}.followers'))
    expect(hashSlot('123456789')).toBe(12739)
  })
})
