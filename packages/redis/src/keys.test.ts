import { describe, expect, it } from 'vitest'
import { Keys } from './keys.js'
import { hashSlot } from './link.js'
import { optionsOf } from './options.js'

describe('keys', () => {
  const keys = new Keys('app:', 3, 64)

  it('of one slot are in one hash slot of Redis, and topics are spread over all slots', () => {
    const slots = new Set<number>()
    for (let i = 0; i < 2_000; i++) {
      const topic = `video:${i}{x}`
      const slot = keys.slotOf(topic)
      slots.add(slot)
      const hashSlots = [keys.leases(slot), keys.of(slot, 'r'), keys.topic(slot, topic), keys.channel(slot, topic)].map(
        hashSlot,
      )
      expect(new Set(hashSlots).size).toBe(1)
    }
    expect(slots.size).toBe(64)
  })

  it('give a channel back its topic, and tell databases apart', () => {
    for (const topic of ['a', 'moved:3:a', ':', '{hc:1}:moved:3:b']) {
      expect(keys.topicOf(keys.channel(7, topic))).toBe(topic)
    }
    expect(new Keys('app:', 4, 64).channel(1, 't')).not.toBe(keys.channel(1, 't'))
  })

  it('are hashed as Redis Cluster hashes them', () => {
    // What CLUSTER KEYSLOT answers.
    expect(hashSlot('foo')).toBe(12182)
    expect(hashSlot('{user1000}.following')).toBe(hashSlot('{user1000}.followers'))
    expect(hashSlot('123456789')).toBe(12739)
  })
})

describe('options', () => {
  it('are refused where they cannot be, without showing a password', () => {
    const urls = ['redis://localhost']
    for (const [options, message] of [
      [{}, /either a client or urls, got neither/],
      [{ urls, prefix: 'a{b}' }, /prefix without braces/],
      [{ urls, lease: 5 }, /lease of 100 ms or more, got 5/],
      [{ urls, groups: 0 }, /at least one group/],
      [{ urls: ['redis://localhost', 'http://user:hunter2@host'] }, /got one of http: \(URL 2\)$/],
      [{ urls: ['hunter2'] }, /something that is no URL \(URL 1\)$/],
    ] as const) {
      expect(() => optionsOf(options)).toThrow(message)
      expect(() => optionsOf(options)).toThrow(expect.objectContaining({ code: 'bad_option' }))
    }
  })
})
