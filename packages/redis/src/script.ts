import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SlotContext } from './slot-context.js'

/** The files between topic.lua and each script. */
const parts = {
  ...{ commit: ['levels', 'record-history'], due: ['levels'], expire: ['levels', 'record-history'], history: [] },
  ...{ join: [], lead: [], read: [], rows: [], subscribers: [], transitions: ['levels'] },
} as const satisfies Record<string, readonly string[]>

/** A script in lua/, which Redis runs atomically. The file's header describes its keys, arguments and result. */
export class Script {
  readonly #text: string
  readonly #sha: string

  constructor(name: keyof typeof parts) {
    this.#text = ['topic', ...parts[name], name].map(read).join('\n')
    this.#sha = createHash('sha1').update(this.#text).digest('hex')
  }

  /** Runs the script by its hash, or sends its text if the server does not have it yet. */
  async run(context: SlotContext, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown[]> {
    const { groups, ttl, pubsub, requests } = context
    const rest = [keys.length, ...keys, groups, ttl, pubsub.sharded ? 'SPUBLISH' : 'PUBLISH', ...args].map(String)
    const send = (...command: string[]) => requests.send(keys[0]!, [...command, ...rest]) as Promise<unknown[]>
    try {
      return await send('EVALSHA', this.#sha)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return send('EVAL', this.#text)
    }
  }
}

/** @throws if the file is not where it is in the package, as in a bundle. */
function read(file: string): string {
  try {
    return readFileSync(new URL(`../lua/${file}.lua`, import.meta.url), 'utf8')
  } catch (cause) {
    throw new Error(`no file lua/${file}.lua: leave @headcount/redis out of the bundle`, { cause })
  }
}

/** Parses "12 340". */
export function parseNumbers(text: unknown): number[] {
  return String(text).split(' ').map(Number)
}
