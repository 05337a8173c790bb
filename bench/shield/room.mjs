import { defaultFlush, MemoryCluster, noMetrics, Replica, silentLogger, Turn } from '@headcount/core'
import { FakeClock } from '@headcount/core/fake-clock'
import { random } from '@headcount/testing'

/** How long, in ms, a visitor of a busy room stays on average. */
const stay = 300_000
const groups = ['users', 'viewers']
const viewer = { group: 1, person: null, alsoIn: [{ topic: 'site', group: 1, person: null }] }

/**
 * A room with a shield of `k`, on the real core and a fake clock: its visitors, and one attacker. The roll-up `site`
 * has a shield of twice as much, and no other source: the worst case.
 */
export class Room {
  #clock
  #random
  #k
  #cluster = new MemoryCluster()
  /** @type {Map<number, Replica>} */
  #replicas = new Map()
  #own = 0
  #mean
  #isBusy
  /** When the next visitor joins or leaves. */
  #next

  /** The number of visitors, which the attacker wants to know. */
  visitors = 0

  /**
   * @param {object} options
   * @param {number} options.k
   * @param {number} options.seed
   * @param {boolean} options.isBusy visitors come and leave, and stay for five minutes on average.
   * @param {number} [options.tick] `shieldTick`, in ms.
   * @param {number} options.budget presences that the attacker may have: addresses times the limit of each.
   */
  constructor({ k, seed, isBusy, budget, tick = 10_000 }) {
    this.tick = tick
    this.#random = random(seed)
    this.#clock = new FakeClock(this.#random.below(tick))
    this.#k = k
    this.budget = budget
    this.#mean = this.#random.below(3 * k)
    this.#isBusy = isBusy && this.#mean > 0
    this.#next = this.#isBusy ? this.#clock.now() + this.#wait() : Number.POSITIVE_INFINITY
  }

  async open() {
    await this.replica(0)
    for (let i = 0; i < this.#mean; i++) this.#enter()
    await this.advance(3 * this.tick)
  }

  /** The replica with this number, started on demand. @param {number} number */
  async replica(number) {
    const known = this.#replicas.get(number)
    if (known !== undefined) return known
    const clock = this.#clock
    const turn = new Turn(clock, (error) => {
      throw error
    })
    const replica = new Replica({
      ...{ id: `replica ${number}`, engine: this.#cluster.engine(), groups, flush: defaultFlush, lease: 1e12 },
      ...{ clock, turn, logger: silentLogger, metrics: noMetrics, shieldTick: this.tick },
      display: (topic) => ({ settle: 0, shield: topic === 'site' ? 2 * this.#k : this.#k }),
    })
    await replica.start()
    this.#replicas.set(number, replica)
    return replica
  }

  /** The viewers that a new socket at a replica shows, as the article computes them. */
  async watch(topic = 'room', number = 0) {
    const shown = { count: Number.NaN }
    const replica = await this.replica(number)
    replica.scheduler.subscribe(topic, {
      ...{ index: -1, lastFlush: 0 },
      state: ({ totals }) => {
        shown.count = totals[1] ?? 0
      },
      diff: (update) => {
        const { joins, leaves } = JSON.parse(update.diff(2))[4]
        shown.count += joins.viewers.count - leaves.viewers.count
        return true
      },
    })
    await this.advance(1)
    return shown
  }

  /** The answer of a replica to an HTTP request. @param {number} number */
  async read(number, topic = 'room') {
    const replica = await this.replica(number)
    const [update] = await replica.read([topic])
    return JSON.parse(update?.counts ?? '').viewers.count
  }

  /** Adds presences of the attacker within the budget. Returns their number. @param {number} wanted */
  async own(wanted) {
    const { tracker } = await this.replica(0)
    const count = Math.min(wanted, this.budget)
    for (; this.#own < count; this.#own++) tracker.track('room', viewer)
    for (; this.#own > count; this.#own--) tracker.untrack('room', viewer)
    await this.advance(60)
    return count
  }

  /** @param {number} ms */
  async advance(ms) {
    const end = this.#clock.now() + ms
    while (this.#next <= end) {
      await this.#clock.advance(this.#next - this.#clock.now())
      if (this.#random.chance(this.#mean / (this.#mean + this.visitors))) this.#enter()
      else this.#leave()
      this.#next = this.#clock.now() + this.#wait()
    }
    await this.#clock.advance(end - this.#clock.now())
  }

  /** Advances to `ms` after the next tick, or before it if negative. */
  async toTick(ms = 200) {
    const left = this.tick - (this.#clock.now() % this.tick)
    await this.advance(Math.max(1, left + ms))
  }

  /** Time until the next visitor joins or leaves, in ms: independent events. */
  #wait() {
    return (-Math.log(1 - this.#random.next()) * stay) / (this.#mean + this.visitors)
  }

  #enter() {
    this.visitors += 1
    this.#replicas.get(0)?.tracker.track('room', viewer)
  }

  #leave() {
    this.visitors -= 1
    this.#replicas.get(0)?.tracker.untrack('room', viewer)
  }
}
