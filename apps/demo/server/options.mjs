import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'

/**
 * @typedef {object} DemoOptions
 * @property {string} host Address to listen on.
 * @property {number} port 0 picks a free port.
 * @property {readonly string[]} redis URLs of a Redis, or of the nodes of a Redis Cluster. None: only this process.
 * @property {string | undefined} name The name of this replica on the page; unique in its cluster. Undefined: its port.
 * @property {string | undefined} crowdUrl Server that the simulated crowd connects to. Undefined: this one.
 * @property {readonly string[]} allowedHosts Host names that the demo accepts besides localhost and IP addresses.
 * @property {string} secret Signs the tokens of demo users, 32 bytes or more.
 * @property {string | undefined} operatorKey Opens the dashboard. Undefined: a random one.
 */

const usage = `Usage: npm start -- [flags]

  --port N           port to listen on; 0 picks a free port (HEADCOUNT_PORT, PORT; 4000)
  --host ADDRESS     address to listen on (HEADCOUNT_HOST; 127.0.0.1)
  --redis URL        joins the cluster of this Redis; comma-separated for a Redis Cluster (HEADCOUNT_REDIS_URL)
  --name NAME        this replica's name on the page (the port)
  --crowd-url URL    server that the crowd connects to, such as a balancer (HEADCOUNT_CROWD_URL; this server)
  --allow-host NAME  host name to answer to besides localhost and IP addresses; repeatable

HEADCOUNT_JWT_SECRET signs the tokens of demo users, and HEADCOUNT_OPERATOR_KEY opens the dashboard; random unless
given. All replicas of a cluster need the same.`

/**
 * Options of the demo from this process's arguments and environment. For help or an error it prints a text and exits.
 *
 * @returns {DemoOptions}
 */
export function optionsOrExit() {
  try {
    const options = parseOptions(process.argv.slice(2), process.env)
    if (isServiceLink(process.env.HEADCOUNT_PORT)) {
      console.error('demo: HEADCOUNT_PORT is ignored: it is a Kubernetes service link')
    }
    if (options !== 'help') return options
    console.log(usage)
  } catch (error) {
    console.error(`demo: ${/** @type {Error} */ (error).message}`)
    process.exit(1)
  }
  process.exit(0)
}

/** Kubernetes sets `HEADCOUNT_PORT=tcp://…` for a service named `headcount`. @param {string | undefined} port */
const isServiceLink = (port) => port?.includes('://') ?? false

/**
 * Options of the demo from its flags and the environment. A flag overrides the environment.
 *
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {DemoOptions | 'help'}
 * @throws {Error} naming the flag or variable, the value and what was expected.
 */
export function parseOptions(args, env) {
  const values = readFlags(args, env)
  if (values.help) return 'help'
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new Error(`--port: expected a whole number from 0 to 65535, got ${values.port}`)
  }
  const secret = env.HEADCOUNT_JWT_SECRET || randomBytes(32).toString('base64url')
  if (Buffer.byteLength(secret) < 32) {
    throw new Error(`HEADCOUNT_JWT_SECRET: expected 32 bytes or more, got ${Buffer.byteLength(secret)}`)
  }
  return {
    host: values.host,
    port,
    redis: values.redis.split(',').filter(Boolean),
    name: values.name,
    crowdUrl: values['crowd-url'] || undefined,
    allowedHosts: values['allow-host'].map((name) => name.toLowerCase()),
    secret,
    operatorKey: env.HEADCOUNT_OPERATOR_KEY || undefined,
  }
}

const hint = 'Flags follow "--", as in npm start -- --port 4001; npm start -- --help lists them.'

/** @param {readonly string[]} args @param {NodeJS.ProcessEnv} env */
function readFlags(args, env) {
  const envPort = isServiceLink(env.HEADCOUNT_PORT) ? undefined : env.HEADCOUNT_PORT
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: envPort || env.PORT || '4000' },
        host: { type: 'string', default: env.HEADCOUNT_HOST || '127.0.0.1' },
        redis: { type: 'string', default: env.HEADCOUNT_REDIS_URL ?? '' },
        name: { type: 'string' },
        'crowd-url': { type: 'string', default: env.HEADCOUNT_CROWD_URL ?? '' },
        'allow-host': { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new Error(`${/** @type {Error} */ (error).message}\n${hint}`)
  }
}
