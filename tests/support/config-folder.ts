import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Calls `start` with a folder that contains a config file, and removes it when that has resolved. */
export async function withConfig<T>(config: object, start: (cwd: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-config-'))
  writeFileSync(join(folder, 'headcount.config.json'), JSON.stringify(config))
  try {
    return await start(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
