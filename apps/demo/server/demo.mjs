import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { isIPv6 } from 'node:net'
import { fileURLToPath } from 'node:url'
import { redisEngine } from '@headcount/redis'
import { createHeadcount, createMetrics, signToken } from '@headcount/server'
import { createCrowd } from '@headcount/tools/load/crowd.mjs'
import { systemClock } from '@headcount/tools/load/time.mjs'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { checkHost } from './access.mjs'
import { demoCrowd } from './crowd.mjs'
import { pageRoutes } from './page.mjs'
import { joinReplicas } from './replicas.mjs'
import { demoRoutes } from './routes.mjs'

const page = fileURLToPath(new URL('../dist', import.meta.url))
/** How long the token of a demo user is valid, in ms. The page requests a new one for each connection. */
const tokenLifetime = 3_600_000
/** How long a decrease waits before the page shows it, in ms: long enough for a reload. */
const settle = 1_000
/** How often, in ms, the counts with a shield may change: short, so that a visitor notices it. */
const shieldTick = 2_000

/**
 * Starts the demo: Headcount on its own Node server, the demo's routes and its built page.
 *
 * @param {import('./options.mjs').DemoOptions} options
 * @returns {Promise<{ url: string, dashboard: string, close: () => Promise<void> }>} `dashboard` is a link, with the
 *   key if that is random; `close` drains.
 * @throws if the port cannot be listened on (a port in use has its own message), or Redis cannot be reached.
 */
export async function startDemo({ host, port, redis, name, crowdUrl, allowedHosts, secret, ...given }) {
  const { operatorKey = randomBytes(32).toString('base64url') } = given
  const metrics = createMetrics({ process: false })
  const headcount = createHeadcount({
    engine: redis.length === 0 ? undefined : redisEngine({ urls: redis }),
    // The audience of one video is small: its counts have a shield.
    topics: [
      { pattern: 'video:7', shield: 5 },
      { pattern: 'video:*', history: 'readers' },
    ],
    ...{ settle, shieldTick },
    // A shield should have a limit. All crowds come from one address.
    limits: { presencesPerAddress: 100_000 },
    auth: { secret },
    ...{ operatorKey, metrics },
  })
  const server = createServer()
  const closing = new AbortController()
  const tokenOf = (/** @type {string} */ user) => signToken(secret, user, { expires: tokenLifetime })
  const listeningPort = () => /** @type {import('node:net').AddressInfo} */ (server.address()).port
  const isHere = ['127.0.0.1', '0.0.0.0', '::'].includes(host)
  const address = () => `${isHere ? 'localhost' : isIPv6(host) ? `[${host}]` : host}:${listeningPort()}`
  const crowd = demoCrowd((size) =>
    createCrowd({
      url: crowdUrl ?? `ws://${address()}`,
      topic: 'video:42',
      ...size,
      churn: 0.05,
      signToken: tokenOf,
      random: Math.random,
      clock: systemClock,
    }),
  )
  /** @type {Awaited<ReturnType<typeof joinReplicas>> | undefined} */
  let replicas

  const app = new Hono()
  app.use(checkHost(allowedHosts))
  app.route(
    '/demo',
    demoRoutes({
      signIn: async (user = newName()) => ({ name: user, token: await tokenOf(`demo:${user}`) }),
      crowd,
      cluster: () => replicas?.view(),
      closing: closing.signal,
    }),
  )
  app.route('/', pageRoutes(page))
  const listener = getRequestListener(app.fetch)
  server.on('request', (request, response) =>
    headcount.handle(request, response, () => void listener(request, response)),
  )
  headcount.attach(server)

  const close = async () => {
    closing.abort()
    await replicas?.drain()
    await crowd.stop()
    server.close()
    await headcount.close()
    server.closeAllConnections()
    await replicas?.stop()
  }
  try {
    await headcount.ready
    await once(server.listen(port, host), 'listening')
    const sockets = async () => Number(/^headcount_sockets (\d+)$/m.exec(await metrics.text())?.[1])
    if (redis[0] !== undefined) {
      replicas = await joinReplicas({ url: redis[0], name: name ?? String(listeningPort()), sockets })
    }
  } catch (error) {
    await close()
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE') throw error
    throw new Error(`port ${port} of ${host} is in use; pick another one with --port`)
  }
  const url = `http://${address()}`
  return { url, dashboard: `${url}/dashboard${given.operatorKey === undefined ? `#key=${operatorKey}` : ''}`, close }
}

const moods = 'Amber Brave Calm Clever Curious Gentle Golden Happy Jolly Keen Lucky Mellow Noble Quick Sunny Witty'
const animals = 'Badger Crane Dolphin Falcon Fox Hare Heron Ibex Lynx Marten Otter Owl Puffin Robin Seal Wren'

/** One of 230,400 names for a demo user. */
function newName() {
  const one = (/** @type {string} */ words) => words.split(' ')[randomInt(16)]
  return `${one(moods)} ${one(animals)} ${randomInt(100, 1000)}`
}
