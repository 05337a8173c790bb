import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/**
 * A temporary folder with these files. It is removed when the test finishes.
 * @param cleanup takes what removes it: another function for concurrent tests.
 */
export function testFolder(
  files: Readonly<Record<string, string>> = {},
  cleanup: (remove: () => void) => void = onTestFinished,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-test-'))
  cleanup(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}
