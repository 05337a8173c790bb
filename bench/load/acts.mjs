import { now, sleep } from '../measure/now.mjs'

/**
 * What a crowd can be asked to do. Every act resolves when it is done, or says how many did not get there in time.
 *
 * @typedef {import('./crowd.mjs').Crowd} Crowd
 */

/**
 * Clients join at a rate, each at its own moment.
 *
 * @param {Crowd} crowd
 * @param {{ from: number, to: number, at: number, rate: number, within: number }} order `at`, in ms of `now`, is when the first
 *   begins; `within` ms after the last has begun no more is waited for.
 */
export async function join(crowd, { from, to, at, rate, within }) {
  const indices = crowd.own(from, to)
  let joined = 0
  let late = 0
  const lost = crowd.tally.lost
  crowd.onJoined = () => joined++
  for (const index of indices) {
    const due = at + ((index - from) * 1000) / rate
    if (due > now()) await sleep(due - now())
    late = Math.max(late, now() - due)
    crowd.open(index)
  }
  await until(() => joined + crowd.tally.lost - lost >= indices.length, within)
  return { missing: indices.length - joined, late }
}

/**
 * Clients join as fast as they are served, so many at a time.
 *
 * @param {Crowd} crowd
 * @param {{ from: number, to: number, atOnce: number, within: number }} order
 */
export async function burst(crowd, { from, to, atOnce, within }) {
  const indices = crowd.own(from, to)
  let joined = 0
  let next = 0
  const one = () => {
    const index = indices[next++]
    if (index !== undefined) crowd.open(index)
  }
  crowd.onJoined = () => {
    joined++
    one()
  }
  const lost = crowd.tally.lost
  crowd.onLost = one
  for (let i = 0; i < atOnce; i++) one()
  await until(() => joined + crowd.tally.lost - lost >= indices.length, within)
  crowd.onLost = () => {}
  return { missing: indices.length - joined, late: 0 }
}

/**
 * Clients leave at a rate, at moments that chance shifts, and each comes back as a new connection about a second later. The
 * tally holds how many changes that was so far.
 *
 * @param {Crowd} crowd
 * @param {{ perSecond: number, seconds: number, seed: number, within: number }} order
 */
export async function churn(crowd, { perSecond, seconds, seed, within }) {
  const chance = random(seed)
  const present = [...crowd.clients.values()]
  let away = 0
  const lost = crowd.tally.lost
  // Only who is there again can leave again.
  crowd.onJoined = (client) => {
    away--
    present.push(client)
  }
  let due = now()
  const end = due + seconds * 1000
  for (;;) {
    due += ((0.5 + chance()) * 1000) / perSecond
    if (due > end) break
    if (due > now()) await sleep(due - now())
    const [client] = present.splice(Math.floor(chance() * present.length), 1)
    if (client === undefined) continue
    client.close()
    crowd.tally.changes++
    away++
    setTimeout(
      () => {
        crowd.open(client.index)
        crowd.tally.changes++
      },
      500 + chance() * 1000,
    )
  }
  await until(() => away <= crowd.tally.lost - lost, within)
  return { missing: away, late: 0 }
}

/**
 * One more client joins and leaves in turn, so that all others are told each time.
 *
 * @param {Crowd} crowd
 * @param {{ index: number, times: number, every: number }} order
 */
export async function toggle(crowd, { index, times, every }) {
  const begun = now()
  const client = crowd.clients.get(index)
  for (let i = 1; i <= times; i++) {
    if (i % 2 === 1) client?.leave()
    else client?.join()
    await sleep(Math.max(0, begun + i * every - now()))
  }
  return { missing: 0, late: 0 }
}

/**
 * @param {() => boolean} reached
 * @param {number} within
 */
async function until(reached, within) {
  const end = now() + within
  while (!reached() && now() < end) await sleep(5)
}

/**
 * Numbers from 0 to 1, the same for the same seed (a 32-bit xorshift).
 *
 * @param {number} seed
 */
function random(seed) {
  let state = seed * 2654435761 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
