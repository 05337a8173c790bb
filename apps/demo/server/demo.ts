import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@headcount/core'
import type { Logger } from '@headcount/server'
import { signToken } from '@headcount/server'
import type { Settings } from 'headcount'
import { createCrowd } from './crowd/crowd.js'
import { demoCrowd } from './crowd/demo.js'
import type { DemoOptions } from './routes.js'

/** The video that the page opens with. */
const topic = 'video:42'

/** How long a demo person's token is good for, in ms: the page asks for a new one at each connection. */
const lifetime = 3_600_000

export interface Demo extends DemoOptions {
  /** Sends the crowd home. */
  stop(): Promise<void>
}

export interface DemoSettings {
  /** Signs the tokens of demo people. */
  readonly auth: Settings['auth'] & { readonly secret: string }
  readonly logger: Logger
  /** The server itself, for the sockets of the crowd; asked when the crowd is. */
  readonly url: () => string
}

/** The demo of a running server: its built page, demo people, and a crowd that the page steers. */
export function demoOf({ auth, logger, url }: DemoSettings): Demo {
  const files = fileURLToPath(new URL('../../demo', import.meta.url))
  const built = existsSync(`${files}/index.html`)
  if (!built) logger.warn({ files }, 'expected the built demo page, got none; "npm run build" makes it')
  const tokenOf = (user: string) => signToken(auth.secret, user, { ...auth, expires: lifetime })
  const { crowd, stop } = demoCrowd(() =>
    createCrowd({
      url: url(),
      topic,
      viewers: 0,
      users: 0,
      churn: 0.05,
      signToken: tokenOf,
      random: Math.random,
      clock: systemClock,
    }),
  )
  return {
    files: built ? files : undefined,
    signIn: async (name = madeUpName()) => ({ name, token: await tokenOf(`demo:${name}`) }),
    crowd,
    stop,
  }
}

const moods = 'Amber Brave Calm Clever Curious Gentle Golden Happy Jolly Keen Lucky Mellow Noble Quick Sunny Witty'
const animals = 'Badger Crane Dolphin Falcon Fox Hare Heron Ibex Lynx Marten Otter Owl Puffin Robin Seal Wren'

/** One of 230,400 names. */
function madeUpName(): string {
  const one = (words: string) => words.split(' ')[randomInt(16)]
  return `${one(moods)} ${one(animals)} ${randomInt(100, 1000)}`
}
