import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Link } from './link.js'

const read = (name: string) => readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), 'utf8')

/** One act of Redis, all or nothing. Its header names its keys and arguments. */
export class Script {
  readonly text: string
  readonly sha: string

  constructor(name: 'commit' | 'publish' | 'read' | 'forget') {
    this.text = `${read('topic')}\n${read(name)}`
    this.sha = createHash('sha1').update(this.text).digest('hex')
  }

  /** Runs where the first key is. By its hash; whole where the server has not seen it yet. */
  async run(link: Link, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown[]> {
    const rest = [String(keys.length), ...keys, ...args.map(String)]
    try {
      return (await link.send(keys[0]!, ['EVALSHA', this.sha, ...rest])) as unknown[]
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return (await link.send(keys[0]!, ['EVAL', this.text, ...rest])) as unknown[]
    }
  }
}

export interface Scripts {
  readonly commit: Script
  readonly publish: Script
  readonly read: Script
  readonly forget: Script
}

export function loadScripts(): Scripts {
  return {
    commit: new Script('commit'),
    publish: new Script('publish'),
    read: new Script('read'),
    forget: new Script('forget'),
  }
}
