import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadcountError } from '@headcount/core'
import { afterEach, beforeEach, expect } from 'vitest'
import type { HeadcountConfig } from '../settings/config.js'
import { parseFlags } from '../settings/flags.js'
import { loadSettings } from '../settings/load.js'
import type { Settings } from '../settings/settings.js'
import { configFlag, settingsTable } from '../settings/table.js'

const flags = [...settingsTable.flatMap(({ flag }) => flag ?? []), configFlag]

/** A folder of its own for each test, in which `headcount serve` could be started. */
export class Folder {
  path = ''

  constructor() {
    beforeEach(async () => {
      this.path = await mkdtemp(join(tmpdir(), 'headcount-folder-'))
    })
    afterEach(() => rm(this.path, { recursive: true }))
  }

  async write(name: string, text: string): Promise<string> {
    await writeFile(join(this.path, name), text)
    return join(this.path, name)
  }

  /** Writes `headcount.config.json`. */
  config(value: HeadcountConfig | object): Promise<string> {
    return this.write('headcount.config.json', JSON.stringify(value))
  }

  /** The settings of a command line and an environment. */
  async load(line = '', env: Readonly<Record<string, string>> = {}): Promise<Settings> {
    return loadSettings({ flags: parseFlags(flags, line === '' ? [] : line.split(' ')), env, cwd: this.path })
  }

  /** The lines with which they are refused. */
  async refused(line = '', env: Readonly<Record<string, string>> = {}): Promise<string[]> {
    const error: unknown = await this.load(line, env).then(
      () => new Error('expected the settings to be refused, got none'),
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(HeadcountError)
    expect((error as HeadcountError).code).toBe('bad_setting')
    return (error as HeadcountError).message.split('\n')
  }
}
