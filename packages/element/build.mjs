// Bundles `/headcount.js` into the server's package: `npm run build` in this folder, after `tsc -b`.
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const bundle = await rolldown({ input: fileURLToPath(new URL('dist/script.js', import.meta.url)), platform: 'browser' })
await bundle.write({
  dir: fileURLToPath(new URL('../server/dist/element', import.meta.url)),
  entryFileNames: 'headcount.js',
  // The chunk that is loaded by `import()`: if WebSockets are blocked, and by elements that only read.
  chunkFileNames: 'headcount-streams.js',
  minify: true,
  comments: false,
})
await bundle.close()
