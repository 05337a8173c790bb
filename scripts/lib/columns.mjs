import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

const maxColumns = 120
/** Machine-written or binary files. */
const skipped = /(^|\/)(package-lock\.json|pnpm-lock\.yaml|yarn\.lock)$|\.(jsonl|svg|png|jpg|ico|woff2)$/
const skippedFolders = /^(bench\/results|deploy\/grafana)\//

/** Rows of Markdown tables cannot wrap. @param {string} file @param {string} line */
const isTableRow = (file, line) => file.endsWith('.md') && line.startsWith('|')

/** @returns {string[]} Every line of a tracked text file with more than 120 columns, as `file:line`. */
export function longLines() {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
  return files
    .filter((file) => !skipped.test(file) && !skippedFolders.test(file) && existsSync(join(root, file)))
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n')
      return lines.flatMap((line, i) =>
        line.length > maxColumns && !isTableRow(file, line) ? `${file}:${i + 1} (${line.length})` : [],
      )
    })
}
