import { seededRandom } from './random.mjs'
import { now, sleep } from './time.mjs'

/**
 * What the clients of a pool can be made to do. Each action resolves when it is done, with the number of clients that did
 * not get there in time, and how late the latest connection began, in ms.
 *
 * @typedef {import('./client-pool.mjs').ClientPool} ClientPool
 * @typedef {{ missing: number, late: number }} Done
 */

/**
 * The clients `from` up to `to` join at a rate per second, each at its own time.
 *
 * @param {ClientPool} pool
 * @param {{ from: number, to: number, at: number, rate: number, within: number }} options `at`: when the first begins, in ms
 *   of `now`. `within`: how long to wait for the joins once the last has begun, in ms.
 * @returns {Promise<Done>}
 */
export async function join(pool, { from, to, at, rate, within }) {
  const numbers = pool.own(from, to)
  const joins = countJoins(pool)
  let late = 0
  for (const number of numbers) {
    const due = at + ((number - from) * 1000) / rate
    if (due > now()) await sleep(due - now())
    late = Math.max(late, now() - due)
    void pool.open(number)
  }
  await until(() => joins.joined + joins.lost() >= numbers.length, within)
  return { missing: numbers.length - joins.joined, late }
}

/**
 * The clients `from` up to `to` join as fast as they are served, so many at a time.
 *
 * @param {ClientPool} pool
 * @param {{ from: number, to: number, atOnce: number, within: number }} options
 * @returns {Promise<Done>}
 */
export async function burst(pool, { from, to, atOnce, within }) {
  const numbers = pool.own(from, to)
  let next = 0
  const openNext = () => {
    const number = numbers[next++]
    if (number !== undefined) void pool.open(number)
  }
  const joins = countJoins(pool, openNext)
  pool.onLost = openNext
  for (let i = 0; i < atOnce; i++) openNext()
  await until(() => joins.joined + joins.lost() >= numbers.length, within)
  pool.onLost = () => {}
  return { missing: numbers.length - joins.joined, late: 0 }
}

/**
 * Clients close at a rate per second, at random times, and each comes back as a new connection about a second later.
 *
 * @param {ClientPool} pool
 * @param {{ perSecond: number, seconds: number, seed: number, within: number }} options
 * @returns {Promise<Done>}
 */
export async function churn(pool, { perSecond, seconds, seed, within }) {
  const random = seededRandom(seed)
  const present = [...pool.clients.values()]
  let away = 0
  const { lost } = countJoins(pool, (client) => {
    away--
    present.push(client)
  })
  let due = now()
  const end = due + seconds * 1000
  for (;;) {
    due += ((0.5 + random()) * 1000) / perSecond
    if (due > end) break
    if (due > now()) await sleep(due - now())
    const [client] = present.splice(Math.floor(random() * present.length), 1)
    if (client === undefined) continue
    client.close()
    pool.changes++
    away++
    const pause = 500 + random() * 1000
    setTimeout(() => {
      void pool.open(client.number)
      pool.changes++
    }, pause)
  }
  await until(() => away <= lost(), within)
  return { missing: away, late: 0 }
}

/**
 * One client leaves and joins in turn on its connection, so that all others of its topic get a diff each time.
 *
 * @param {ClientPool} pool
 * @param {{ number: number, times: number, every: number }} options `every`: from one leave or join to the next, in ms.
 * @returns {Promise<Done>}
 */
export async function toggle(pool, { number, times, every }) {
  const begin = now()
  const client = pool.clients.get(number)
  for (let i = 1; i <= times; i++) {
    void (i % 2 === 1 ? client?.leave() : client?.join())
    await sleep(Math.max(0, begin + i * every - now()))
  }
  return { missing: 0, late: 0 }
}

/**
 * Counts clients that join or are lost from now on.
 *
 * @param {ClientPool} pool
 * @param {(client: import('./client.mjs').LoadClient) => void} [onJoined]
 */
function countJoins(pool, onJoined = () => {}) {
  const before = pool.lost
  const counted = { joined: 0, lost: () => pool.lost - before }
  pool.onJoined = (client) => {
    counted.joined++
    onJoined(client)
  }
  return counted
}

/**
 * @param {() => boolean} reached
 * @param {number} within
 */
async function until(reached, within) {
  const end = now() + within
  while (!reached() && now() < end) await sleep(5)
}
