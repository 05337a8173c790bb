import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const entry = fileURLToPath(new URL('../../packages/server/dist/index.d.ts', import.meta.url))

test('the types of the server do not import those of Hono, which need a newer TypeScript', () => {
  const files = new Set([entry])
  const others = new Set<string>()
  for (const file of files) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*'([^'\n]+)'/g)) {
      if (name.startsWith('.')) files.add(join(dirname(file), name.replace(/\.js$/, '.d.ts')))
      else if (!name.startsWith('node:')) others.add(name)
    }
  }
  expect([...others].sort()).toEqual(['@headcount/core', '@headcount/protocol', 'jose'])
})
