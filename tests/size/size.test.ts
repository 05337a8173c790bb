import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const client = 'packages/client/dist/index.js'

/**
 * The sizes of a module with its imports, minified and gzipped, in bytes: of the part that is always loaded, of each
 * file that is loaded by `import()`, and of all together.
 */
async function sizesOf(input: string): Promise<number[]> {
  const bundle = await rolldown({
    input: `${root}/${input}`,
    platform: 'browser',
    external: /^react/,
    // The directive 'use client' means nothing here.
    logLevel: 'silent',
  })
  // Names without a hash, which would change the size of the file that imports them.
  const chunkFileNames = '[name].js'
  const { output } = await bundle.generate({ format: 'esm', minify: true, comments: false, chunkFileNames })
  await bundle.close()
  const sizes = output.map((chunk) => gzipSync('code' in chunk ? chunk.code : chunk.source, { level: 9 }).length)
  return [...sizes, sizes.reduce((sum, size) => sum + size)]
}

/** In kB, rounded up to a tenth. */
const kilobytes = (bytes: number) => Math.ceil(bytes / 100) / 10

/** The numbers in a package's README, in kB. */
function documented(name: string, sentence: RegExp): number[] {
  const page = readFileSync(`${root}/packages/${name}/README.md`, 'utf8').replace(/\s+/g, ' ')
  return sentence.exec(page)!.slice(1).map(Number)
}

test('the client is as small as its README states', async () => {
  const sizes = await sizesOf(client)
  expect(sizes.map(kilobytes)).toEqual(
    documented('client', /is ([\d.]+) kB minified and gzipped, and ([\d.]+) kB more .*?: ([\d.]+) kB with everything/),
  )
})

test('the React package adds as little to the client as its README states', async () => {
  const [[both = 0], [alone = 0]] = await Promise.all([sizesOf('tests/size/react-app.js'), sizesOf(client)])
  expect([kilobytes(both - alone)]).toEqual(documented('react', /adds ([\d.]+) kB, minified and gzipped/))
})

test('the element is as small as its README and the main README state', async () => {
  const sizes = (await sizesOf('packages/element/dist/script.js')).map(kilobytes)
  expect(sizes).toEqual(
    documented('element', /is ([\d.]+) kB minified and gzipped, and ([\d.]+) kB more .*?: ([\d.]+) kB with everything/),
  )
  expect(readFileSync(`${root}/README.md`, 'utf8')).toContain(`${sizes[2]} kB gzipped with everything in it`)
})
