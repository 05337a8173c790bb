import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { publishedFile, writeResults } from '../results.mjs'
import { markdown } from './markdown.mjs'
import { plots } from './plots.mjs'
import { printTables } from './terminal.mjs'

const document = fileURLToPath(new URL('../../docs/BENCHMARKS.md', import.meta.url))
const folder = fileURLToPath(new URL('../../docs/benchmarks/', import.meta.url))
const [begin, end] = ['<!-- figures: written by "npm run bench -- report" -->', '<!-- end of figures -->']

/**
 * Writes the figures into docs/BENCHMARKS.md, the plots beside it, and keeps the results that they were made of.
 *
 * @param {import('../run.mjs').Results} results
 */
export function publish(results) {
  const text = readFileSync(document, 'utf8')
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined)
    throw new Error(`expected ${begin} … ${end} in ${document}, got none`)
  const drawn = plots(results)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { file, content } of drawn) writeFileSync(`${folder}${file}`, content)
  const beside = drawn.map(({ file, title }) => ({ file: `benchmarks/${file}`, title }))
  writeFileSync(document, `${before}${begin}\n\n${markdown(results, beside)}\n\n${end}${after}`)
  writeResults(publishedFile, results)
  printTables(results)
}
