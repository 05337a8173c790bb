import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * The packages that the types of a package import, however deep inside it: what must be installed for them to mean
 * anything.
 */
export function typeDependencies(name: string, entries: readonly string[] = ['index.d.ts']): string[] {
  const out = mkdtempSync(join(tmpdir(), 'declarations-'))
  try {
    const options = ['--composite', 'false', '--incremental', 'false', '--emitDeclarationOnly', '--outDir', out]
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'packages', name), ...options])
    const seen = new Set<string>()
    const found = new Set<string>()
    const read = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)) {
        if (specifier.startsWith('.')) read(resolve(dirname(file), specifier.replace(/\.js$/, '.d.ts')))
        else found.add(specifier)
      }
    }
    for (const entry of entries) read(join(out, entry))
    return [...found].sort()
  } finally {
    rmSync(out, { recursive: true })
  }
}
