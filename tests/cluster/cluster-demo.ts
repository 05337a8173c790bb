import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '../support/child.mjs'

const script = fileURLToPath(new URL('../../scripts/demo-cluster.mjs', import.meta.url))

/** A running `npm run demo:cluster`, of what was built before, on a free port. */
export class ClusterDemo {
  /** Its temporary files go here. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'headcount-cluster-test-'))
  readonly child: Child
  url = ''

  /**
   * @param env Added to the environment.
   * @param command What runs the script.
   */
  constructor(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}, command = [process.execPath, script]) {
    const others = Object.entries(process.env).filter(([name]) => !/^(HEADCOUNT_|VITEST|NODE_ENV$)/.test(name))
    this.child = new Child(command[0]!, [...command.slice(1), '--port', '0', '--no-build', '--no-open', ...args], {
      env: { ...Object.fromEntries(others), TMPDIR: this.#folder, ...env },
      input: true,
    })
  }

  async started(): Promise<this> {
    this.url = await this.child.until('its address', (output) => /Headcount is at (http:\S+):/.exec(output)?.[1], {
      within: 60_000,
    })
    return this
  }

  /** The process ids of `Redis`, the replicas and `the crowd`, by name, as `status` prints them now. */
  async pids(): Promise<ReadonlyMap<string, number>> {
    const before = this.child.output.length
    this.child.type('status')
    const said = await this.child.until('its status', (output) => {
      const text = output.slice(before)
      return /the crowd .*\n/.test(text) ? text : undefined
    })
    return new Map(
      [...said.matchAll(/^ {2}(Redis|replica \d|the crowd) +pid (\d+)/gm)].map((m) => [m[1]!, Number(m[2])]),
    )
  }

  /** What it left in the folder for temporary files. */
  get leftovers(): readonly string[] {
    return readdirSync(this.#folder)
  }

  async remove(): Promise<void> {
    await this.child.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Whether a process is there. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
