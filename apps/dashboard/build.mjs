// Builds the page with its style and its script in one file, which the server's package serves.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const pathOf = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const read = (/** @type {string} */ path) => readFile(pathOf(path), 'utf8')

const bundle = await rolldown({ input: pathOf('src/main.ts'), logLevel: 'warn' })
const { output } = await bundle.generate({ format: 'iife', minify: true })
await bundle.close()
const script = output[0].code.trim()
const plotStyle = await readFile(fileURLToPath(import.meta.resolve('uplot/dist/uPlot.min.css')), 'utf8')
const style = `${plotStyle.trim()}\n${(await read('src/page.css')).trim()}`
if (/<\/(script|style)/i.test(script + style)) throw new Error('expected no end tag in the script or the style')
const page = (await read('src/page.html'))
  .replace('<!-- style -->', () => `<style>${style}</style>`)
  .replace('<!-- script -->', () => `<script type="module">${script}</script>`)
await mkdir(pathOf('../../packages/server/dist/dashboard'), { recursive: true })
await writeFile(pathOf('../../packages/server/dist/dashboard/page.html'), page)
