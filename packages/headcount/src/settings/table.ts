import type { Flag } from './flags.js'

/** One setting that may be given outside the config file. */
export interface Setting {
  /** Its place in the config file: `port`, `auth.claim`. */
  readonly path: string
  readonly env: `HEADCOUNT_${string}`
  /** Its flag; secrets have none. */
  readonly flag?: Flag
  /** How its text is read. */
  readonly kind: 'text' | 'number' | 'list' | 'switch'
  readonly help: string
}

type Row = readonly [
  path: string,
  flag: string | null,
  env: `HEADCOUNT_${string}`,
  kind: Setting['kind'],
  value: string,
  help: string,
]

const rows: readonly Row[] = [
  ['port', 'port', 'HEADCOUNT_PORT', 'number', 'PORT', 'the port to listen on; 0 takes a free one (4000)'],
  ['host', 'host', 'HEADCOUNT_HOST', 'text', 'HOST', 'the address to listen on (127.0.0.1)'],
  ['topics', 'topics', 'HEADCOUNT_TOPICS', 'list', 'PATTERN', 'the topics that may be joined, such as video:* (*)'],
  ['unit', 'unit', 'HEADCOUNT_UNIT', 'text', 'UNIT', 'what is counted: connections or people (connections)'],
  ['settle', 'settle', 'HEADCOUNT_SETTLE', 'number', 'MS', 'how long a person who leaves still counts (0)'],
  [
    'origins',
    'origins',
    'HEADCOUNT_ORIGINS',
    'list',
    'ORIGIN',
    "the sites whose pages may connect, or * (the server's own host)",
  ],
  ['demo', 'demo', 'HEADCOUNT_DEMO', 'switch', '', 'serve the demo page as well'],
  [
    'demoUrl',
    null,
    'HEADCOUNT_DEMO_URL',
    'text',
    '',
    "where the demo's crowd joins: the balancer's ws:// address (the server itself)",
  ],
  [
    'redis',
    'redis',
    'HEADCOUNT_REDIS_URL',
    'list',
    'URL',
    'count over Redis; several URLs for a Redis Cluster (in memory)',
  ],
  ['workers', 'workers', 'HEADCOUNT_WORKERS', 'number', 'N', 'how many processes, or auto (1)'],
  ['lease', 'lease', 'HEADCOUNT_LEASE', 'number', 'MS', 'how long a server that fell silent still counts (10000)'],
  ['logLevel', 'log-level', 'HEADCOUNT_LOG_LEVEL', 'text', 'LEVEL', 'debug, info, warn, error or silent (info)'],
  ['auth.secret', null, 'HEADCOUNT_JWT_SECRET', 'text', '', 'checks the tokens of users (HS256, HS384, HS512)'],
  ['auth.jwksUrl', null, 'HEADCOUNT_JWKS_URL', 'text', '', 'where the keys are that check the tokens of users'],
  ['auth.claim', null, 'HEADCOUNT_JWT_CLAIM', 'text', '', "the claim that holds a user's id (sub)"],
  ['auth.issuer', null, 'HEADCOUNT_JWT_ISSUER', 'text', '', 'the issuer that a token must be of'],
  ['auth.audience', null, 'HEADCOUNT_JWT_AUDIENCE', 'text', '', 'the audience that a token must be for'],
  [
    'auth.invalidToken',
    null,
    'HEADCOUNT_INVALID_TOKEN',
    'text',
    '',
    'what a bad token makes of its client: viewer or reject (viewer)',
  ],
  [
    'secret',
    null,
    'HEADCOUNT_SECRET',
    'text',
    '',
    'keys the hashes of people (derived from the JWT secret, else random)',
  ],
  [
    'operatorKey',
    null,
    'HEADCOUNT_OPERATOR_KEY',
    'text',
    '',
    'the bearer token of operator routes (none: they are off)',
  ],
]

/** Every setting that has an environment variable, in the order of the help. */
export const settingsTable: readonly Setting[] = rows.map(([path, flag, env, kind, value, help]) => ({
  path,
  env,
  kind,
  help,
  ...(flag === null ? {} : { flag: flagOf(flag, kind, value, help) }),
}))

function flagOf(name: string, kind: Setting['kind'], value: string, help: string): Flag {
  return { name, help, ...(kind === 'switch' ? {} : { value }), ...(kind === 'list' ? { many: true } : {}) }
}

export const configFlag: Flag = {
  name: 'config',
  value: 'PATH',
  help: 'the config file (headcount.config.ts, .js or .json in this folder)',
}
export const configEnv = 'HEADCOUNT_CONFIG'

/** The places in the file whose values are never printed. */
export const secretPaths: ReadonlySet<string> = new Set(['auth.secret', 'secret', 'operatorKey'])
