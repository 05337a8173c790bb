import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { Redis } from './redis.mjs'
import { Replica } from './replica.mjs'

/** How long, in ms, a replica that fell silent still counts: short, so that a person need not wait to see it forgotten. */
export const lease = 4_000

/**
 * A Redis and its replicas, on this machine. Event: `change`, of whatever can be told of one of them.
 *
 * @extends {EventEmitter<{ change: [member: Redis | Replica] }>}
 */
export class Cluster extends EventEmitter {
  redis
  /** @type {readonly Replica[]} */
  replicas
  /** The crowd of the demo, in a process of its own: it is not lost with a replica, and joins through the balancer. */
  crowd
  #env = serverEnv()

  /** @param {{ size: number, redis: string, guard: import('./guard.mjs').Guard }} options `redis` is the program. */
  constructor({ size, redis, guard }) {
    super()
    this.redis = new Redis(redis, guard)
    const shared = ['--demo', '--log-level', 'error']
    const setup = () => ({
      args: [...shared, '--redis', this.redis.url, '--lease', `${lease}`],
      env: this.#env,
    })
    const crowdSetup = () => ({ args: shared, env: this.#env })
    this.crowd = new Replica(0, { setup: crowdSetup, guard, name: 'the crowd' })
    this.replicas = Array.from({ length: size }, (_, i) => new Replica(i + 1, { setup, guard }))
    for (const member of this.members) member.on('change', () => this.emit('change', member))
  }

  /** @returns {readonly (Redis | Replica)[]} */
  get members() {
    return [this.redis, ...this.replicas]
  }

  /**
   * @param {string} url The balancer's, for sockets: the crowd joins there, so that it spreads.
   * @throws where one does not start.
   */
  async start(url) {
    this.#env.HEADCOUNT_DEMO_URL = url
    await this.redis.start()
    // One after another: a small machine starts one quicker than all at a time.
    for (const replica of this.replicas) await replica.start()
    await this.crowd.start()
  }

  /** Drains the replicas, then ends Redis. */
  async stop() {
    await this.crowd.stop()
    await Promise.all(this.replicas.map((replica) => replica.stop()))
    await this.redis.stop()
  }
}

/** The environment of the replicas: none of this shell's own settings, and one secret that all of them sign with. */
function serverEnv() {
  const others = Object.entries(process.env).filter(([name]) => !/^(HEADCOUNT_|VITEST)/.test(name))
  /** @type {NodeJS.ProcessEnv} */
  const env = Object.fromEntries(others)
  env.HEADCOUNT_JWT_SECRET = randomBytes(32).toString('base64url')
  return env
}
