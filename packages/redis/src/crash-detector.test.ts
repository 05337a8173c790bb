import { FakeClock } from '@headcount/core/fake-clock'
import { describe, expect, it } from 'vitest'
import { CrashDetector, type ReplicaPresence } from './crash-detector.js'

/** A detector on a fake clock, beside a Redis that shows `others` and removes what it expires. */
function detector(others: ReplicaPresence[] = []) {
  const clock = new FakeClock()
  const state = { others, own: true, reachable: true, checks: 0, expired: [] as string[], misplaced: 0 }
  const crashes = new CrashDetector({
    clock,
    random: () => 0.5,
    lease: 10_000,
    check: async () => {
      state.checks += 1
      if (!state.reachable) throw new Error('no connection')
      return { own: state.own, others: state.others }
    },
    expire: async (replica, newestCommit) => {
      state.expired.push(`${replica} ${newestCommit}`)
      state.others = state.others.filter((other) => other.replica !== replica)
    },
    misplaced: () => {
      state.misplaced += 1
    },
  })
  crashes.start()
  return { clock, state, crashes }
}

const live = (replica: string): ReplicaPresence => {
  return { replica, newestCommit: '1', subscribed: true, hadSubscribed: true }
}
const missing = (replica: string, newestCommit = '1') => ({ ...live(replica), newestCommit, subscribed: false })

describe('a replica', () => {
  it('is expired within 1.5 s of the end of its subscription, once', async () => {
    const { clock, state } = detector([live('a'), live('b')])
    await clock.advance(2_000)
    state.others = [missing('a'), live('b')]
    await clock.advance(1_500)
    expect(state.expired).toEqual(['a 1'])
    await clock.advance(60_000)
    expect(state.expired).toEqual(['a 1'])
  })

  it('that subscribes again within half a second is not', async () => {
    const { clock, state } = detector([live('a')])
    await clock.advance(2_000)
    state.others = [missing('a')]
    await clock.advance(500)
    state.others = [live('a')]
    await clock.advance(10_000)
    expect(state.expired).toEqual([])
  })

  it('that commits without a subscription is not, until it stops', async () => {
    const { clock, state } = detector([live('a')])
    await clock.advance(2_000)
    for (let commit = 2; commit < 20; commit++) {
      state.others = [missing('a', String(commit))]
      await clock.advance(400)
    }
    expect(state.expired).toEqual([])
    await clock.advance(1_500)
    expect(state.expired).toEqual(['a 19'])
  })

  it('that has never subscribed is not', async () => {
    const { clock, state } = detector([{ ...missing('a'), hadSubscribed: false }])
    await clock.advance(10_000)
    expect(state.expired).toEqual([])
  })

  it('is expired even if its subscription began and ended between two checks', async () => {
    const { clock, state } = detector()
    await clock.advance(2_000)
    state.others = [missing('a')]
    await clock.advance(1_500)
    expect(state.expired).toEqual(['a 1'])
  })

  it('that exited before this one started is expired after 0.3 of its lease, unless it commits', async () => {
    const { clock, state } = detector([missing('a'), missing('b')])
    await clock.advance(3_000)
    expect(state.expired).toEqual([])
    state.others = [missing('a'), missing('b', '2')]
    await clock.advance(1_000)
    expect(state.expired).toEqual(['a 1'])
    await clock.advance(3_000)
    expect(state.expired).toEqual(['a 1', 'b 2'])
  })

  it('may take as long if this replica lost its own subscription, too, until it has subscribed again', async () => {
    const { clock, state, crashes } = detector([live('a')])
    await clock.advance(2_000)
    crashes.reset()
    state.others = [missing('a')]
    await clock.advance(3_000)
    expect(state.expired).toEqual([])
    state.others = [live('a')]
    await clock.advance(1_000)
    state.others = [missing('a')]
    await clock.advance(1_500)
    expect(state.expired).toEqual(['a 1'])
  })

  it('is not after two checks with a failed one between them', async () => {
    const { clock, state } = detector([live('a')])
    await clock.advance(2_000)
    state.others = [missing('a')]
    await clock.advance(500)
    state.reachable = false
    await clock.advance(500)
    state.reachable = true
    state.others = [live('a')]
    await clock.advance(10_000)
    expect(state.expired).toEqual([])
  })
})

describe('the detector', () => {
  it('reports that its own subscription was missing in two checks', async () => {
    const { clock, state } = detector()
    state.own = false
    await clock.advance(400)
    expect(state.misplaced).toBe(0)
    await clock.advance(200)
    expect(state.misplaced).toBe(1)
  })

  it('checks less often if there are many replicas', async () => {
    const { clock, state } = detector(Array.from({ length: 200 }, (_, i) => live(`r${i}`)))
    await clock.advance(50_000)
    expect(state.checks).toBeLessThan(15)
  })

  it('leaves no timer when it is closed, also during a check', async () => {
    const { clock, crashes } = detector([live('a')])
    await clock.advance(499)
    const advancing = clock.advance(1)
    crashes.close()
    await advancing
    expect(clock.timers).toBe(0)
  })
})
