import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll } from 'vitest'
import { Child } from './child.mjs'
import { freePort } from './port.mjs'
import { programs } from './programs.mjs'

export interface RedisOptions {
  /** More settings, as flags: `['--appendonly', 'yes']`. By default nothing is kept on disk. */
  readonly args?: readonly string[]
  /** By default a free one. */
  readonly port?: number
}

/** A real Redis (or Valkey) server of its own, on 127.0.0.1, with its files in a temporary folder. */
export class RedisServer {
  readonly #args: readonly string[]
  #folder: string | undefined
  #port: number | undefined
  #child: Child | undefined

  constructor({ args = [], port }: RedisOptions = {}) {
    this.#args = args
    this.#port = port
  }

  /** Known from the first start on at the latest, and kept by later ones. */
  get port(): number {
    if (this.#port === undefined) throw new Error('expected a Redis server that was started, got one that was not')
    return this.#port
  }

  /** `redis://127.0.0.1:4321` */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Whether its process lives: also while it is paused. */
  get running(): boolean {
    return this.#child !== undefined && !this.#child.ended
  }

  /** All that it has written since its last start. */
  get output(): string {
    return this.#child?.output ?? ''
  }

  /**
   * Starts it, or starts it again on the same port with what it had on disk; ready when this resolves.
   * @throws where the machine has no Redis server: the message says what to install.
   */
  async start(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'headcount-redis-'))
    for (let tries = 1; ; tries++) {
      const port = this.#port ?? (await freePort())
      const child = redisServer(this.#folder, port, this.#args)
      try {
        await child.until('a Redis server that is ready', (output) => output.includes('eady to accept connections'))
        this.#port = port
        this.#child = child
        return
      } catch (error) {
        await child.kill()
        // Another program was quicker to the port.
        if (this.#port === undefined && tries < 3 && child.output.includes('already in use')) continue
        throw error
      }
    }
  }

  /** One command by `redis-cli`: `await redis.ask('DBSIZE')`. */
  async ask(...command: string[]): Promise<string> {
    return redisCli('-p', String(this.port), ...command)
  }

  /** All commands that it is sent from now on, those of scripts included, as `output`; until `kill`. */
  monitor(): Child {
    return new Child(cliProgram(), ['-p', String(this.port), 'MONITOR'])
  }

  /** Ends it as an operator does (SIGTERM). */
  async stop(): Promise<void> {
    await this.#child?.stop()
  }

  /** Ends it at once (SIGKILL): nothing is saved, nobody is told. */
  async kill(): Promise<void> {
    await this.#child?.kill()
  }

  /** Holds it still (SIGSTOP): connections stay open and nothing is answered. */
  pause(): void {
    this.#child?.signal('SIGSTOP')
  }

  /** Lets it go on (SIGCONT). */
  resume(): void {
    this.#child?.signal('SIGCONT')
  }

  /** Starts it again with nothing in it. */
  async restartEmpty(): Promise<void> {
    await this.kill()
    if (this.#folder !== undefined) {
      await rm(this.#folder, { recursive: true, force: true })
      await mkdir(this.#folder)
    }
    await this.start()
  }

  /** Ends it and removes its folder. */
  async remove(): Promise<void> {
    await this.kill()
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }
}

/** A Redis server for the tests of this `describe`: started before them and removed after them. See `describeWith`. */
export function withRedis(options?: RedisOptions): RedisServer {
  const redis = new RedisServer(options)
  beforeAll(() => redis.start())
  afterAll(() => redis.remove())
  return redis
}

/** @returns What `redis-cli` (or `valkey-cli`) printed, without the last line break. */
export async function redisCli(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(cliProgram(), args, { timeout: 60_000 })
  return stdout.replace(/\n$/, '')
}

function redisServer(folder: string, port: number, args: readonly string[]): Child {
  const always = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no']
  return new Child(redisProgram(), [...always, '--save', '', '--appendonly', 'no', ...args], { cwd: folder })
}

function redisProgram(): string {
  const { what, find, install } = programs.redis
  const path = find()
  if (path === undefined) throw new Error(`expected ${what}, got none: ${install}`)
  return path
}

function cliProgram(): string {
  return redisProgram().replace(/-server$/, '-cli')
}
