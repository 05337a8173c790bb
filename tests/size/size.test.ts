import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The size of a package with all that it imports, minified and gzipped, in bytes. */
async function sizeOf(name: string, external: string[] = []): Promise<number> {
  const input = `${root}/packages/${name}/dist/index.js`
  const bundle = await rolldown({ input, external, platform: 'browser' })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  return gzipSync(output[0].code, { level: 9 }).length
}

test('the client is as small as its page says', async () => {
  const size = await sizeOf('client')
  const [, said] = /([\d.]+) kB minified and gzipped/.exec(readFileSync(`${root}/packages/client/README.md`, 'utf8'))!
  expect(size).toBeLessThanOrEqual(Number(said) * 1_000)
  expect(size).toBeGreaterThan(Number(said) * 1_000 - 100)
})
