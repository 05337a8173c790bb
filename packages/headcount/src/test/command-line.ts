import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadcountError } from '@headcount/core'
import { afterEach, beforeEach, expect } from 'vitest'
import type { Terminal } from '../cli/environment.js'
import { run } from '../cli/main.js'
import type { Settings } from '../settings/complete.js'
import type { HeadcountConfig } from '../settings/definitions.js'
import { parseFlags } from '../settings/flags.js'
import { loadSettings } from '../settings/load.js'
import { configFlag, settingFlags } from '../settings/setting-flags.js'

type Env = Readonly<Record<string, string>>

const split = (line: string) => (line === '' ? [] : line.split(' '))

/** A command line in a new temporary folder for each test. Commands run in this process. */
export class CommandLine {
  folder = ''
  printed: string[] = []
  errors: string[] = []
  /** The text of standard input. */
  input = ''
  /** Undefined: standard output is not a terminal. */
  terminal: Terminal | undefined
  #listener: ((reason: string) => void) | undefined

  constructor() {
    beforeEach(async () => {
      this.folder = await mkdtemp(join(tmpdir(), 'headcount-'))
      this.printed = []
      this.errors = []
      this.input = ''
      this.terminal = undefined
    })
    afterEach(() => rm(this.folder, { recursive: true }))
  }

  async write(name: string, text: string): Promise<string> {
    await writeFile(join(this.folder, name), text)
    return join(this.folder, name)
  }

  /** Writes `headcount.config.json`. */
  config(value: HeadcountConfig | object): Promise<string> {
    return this.write('headcount.config.json', JSON.stringify(value))
  }

  /** Runs `headcount` with these arguments. @returns the exit code. */
  run(line: string, env: Env = {}): Promise<number> {
    return run(split(line), {
      env,
      cwd: this.folder,
      print: (text) => void this.printed.push(text),
      printError: (text) => void this.errors.push(text),
      readInput: async () => this.input,
      terminal: this.terminal,
      onStop: (listener) => {
        this.#listener = listener
        return () => {}
      },
      onReload: () => () => {},
    })
  }

  /** Asks the running command to stop. */
  stop(): void {
    this.#listener?.('SIGTERM')
  }

  /** The settings of `headcount serve` with these arguments. */
  async load(line = '', env: Env = {}): Promise<Settings> {
    const flags = parseFlags([...settingFlags, configFlag], split(line))
    return loadSettings({ flags, env, cwd: this.folder })
  }

  /** The lines of the error for these invalid settings. */
  async refused(line = '', env: Env = {}): Promise<string[]> {
    const error: unknown = await this.load(line, env).then(
      () => new Error('the settings were accepted'),
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(HeadcountError)
    expect(error).toHaveProperty('code', 'bad_setting')
    return (error as HeadcountError).message.split('\n')
  }
}
