import { of } from './columns.mjs'

/**
 * Which replica a member of a topic is on.
 *
 * - `any`: whichever, by chance: a balancer that knows nothing of topics.
 * - `turns`: the next replica in turn, and the same again after a while away, as the load of `bench/` does.
 * - `topic`: the members of a topic together, up to `together` of them on one replica: a balancer that hashes the topic.
 *
 * @typedef {'any' | 'turns' | 'topic'} BalancerName
 */

/**
 * @param {BalancerName} name
 * @param {number} replicas
 * @param {number} together
 * @param {Int32Array} sizes Of the topics.
 * @param {() => number} chance
 */
export function balancer(name, replicas, together, sizes, chance) {
  /** @param {number} topic */
  const spread = (topic) => {
    const size = of(sizes, topic)
    return name === 'topic' ? Math.min(replicas, Math.ceil(size / together)) : replicas
  }
  /** @param {number} topic @param {number} i The i-th of the topic's replicas. */
  const ith = (topic, i) => (name === 'topic' ? hashed(topic) + i : i) % replicas
  return {
    /** @param {number} topic @param {number} member The number of the member among all. */
    place: (topic, member) => (name === 'turns' ? member % replicas : ith(topic, Math.floor(chance() * spread(topic)))),
    /**
     * How so many members of one topic are spread at the start: calls `put` with each replica and how many are there.
     *
     * @param {number} topic
     * @param {(replica: number, members: number) => void} put
     */
    fill(topic, put) {
      const size = of(sizes, topic)
      const over = spread(topic)
      const each = Math.floor(size / over)
      // Of a large topic what chance adds is little beside what each has.
      const even = each >= 20 || name === 'turns' ? each : 0
      if (even > 0) for (let i = 0; i < over; i++) put(ith(topic, i), even)
      for (let i = even * over; i < size; i++)
        put(ith(topic, name === 'turns' ? i % over : Math.floor(chance() * over)), 1)
    },
  }
}

/** A number that has nothing of the topic's order. @param {number} topic */
function hashed(topic) {
  const mixed = Math.imul(topic ^ (topic >>> 15), 0x2c1b3c6d)
  return (mixed ^ (mixed >>> 13)) >>> 0
}
