import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The sizes of a package with all that it imports, minified and gzipped, in bytes: first what is always loaded. */
async function sizesOf(name: string): Promise<number[]> {
  const bundle = await rolldown({ input: `${root}/packages/${name}/dist/index.js`, platform: 'browser' })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  return output.map((chunk) => gzipSync('code' in chunk ? chunk.code : chunk.source, { level: 9 }).length)
}

test('the client is as small as its page says', async () => {
  const page = readFileSync(`${root}/packages/client/README.md`, 'utf8').replace(/\s+/g, ' ')
  const said = /is ([\d.]+) kB minified and gzipped, and ([\d.]+) kB more/.exec(page)!.slice(1, 3).map(Number)
  const sizes = await sizesOf('client')
  expect(sizes.map((bytes) => Math.ceil(bytes / 100) / 10)).toEqual(said)
})
