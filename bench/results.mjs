import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where a run leaves what it measured. */
export const resultsFile = fileURLToPath(new URL('./results/latest.json', import.meta.url))

/** The set that docs/BENCHMARKS.md was made of. */
export const publishedFile = fileURLToPath(new URL('./results/published.json', import.meta.url))

/** @param {string} file @returns {import('./run.mjs').Results} */
export function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'), (_, value) => (value === 'never' ? Number.POSITIVE_INFINITY : value))
  } catch (error) {
    throw new Error(`expected results in ${file}, got none: run "npm run bench" first (${error})`)
  }
}

/**
 * One line a trial, so that two sets can be compared.
 *
 * @param {string} file
 * @param {import('./run.mjs').Results} results
 */
export function writeResults(file, { measured, ...about }) {
  // A wait that has no end is no number of JSON.
  const lines = measured.map((one) =>
    JSON.stringify(one, (_, value) => (value === Number.POSITIVE_INFINITY ? 'never' : value)),
  )
  mkdirSync(dirname(file), { recursive: true })
  const head = JSON.stringify(about, undefined, 2).replace(/\n}$/, '')
  writeFileSync(file, `${head},\n  "measured": [\n    ${lines.join(',\n    ')}\n  ]\n}\n`)
}
