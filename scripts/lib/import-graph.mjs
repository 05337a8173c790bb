import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './run.mjs'

const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm
/** `from '…'`, `import '…'` and `import('…')`. */
const specifiers = /\b(?:from|import)\s*\(?\s*'([^'\n]+)'/g

/**
 * The imports of every tracked source file, as paths from the root of the repo. An import of a workspace package by its
 * name is `packages/<name>`. Imports of other packages, and types in comments, are omitted.
 *
 * @returns {Map<string, string[]>}
 */
export function importGraph() {
  const tracked = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.mjs'], { cwd: root, encoding: 'utf8' })
  const files = tracked.split('\n').filter((file) => file !== '' && existsSync(join(root, file)))
  return new Map(files.map((file) => [file, importsOf(file)]))
}

/** @param {string} file */
function importsOf(file) {
  const code = readFileSync(join(root, file), 'utf8').replaceAll(comments, '')
  return [...code.matchAll(specifiers)].flatMap(([, specifier = '']) => resolve(file, specifier) ?? [])
}

/** @param {string} file @param {string} specifier */
function resolve(file, specifier) {
  if (specifier.startsWith('@headcount/tools/')) return specifier.slice('@headcount/'.length)
  const [, name] = /^@headcount\/(\w+)/.exec(specifier) ?? /^(headcount)$/.exec(specifier) ?? []
  if (name !== undefined) return `packages/${name}`
  if (!specifier.startsWith('.')) return undefined
  const path = join(dirname(file), specifier)
  return [path, path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')].find((each) =>
    existsSync(join(root, each)),
  )
}

/**
 * Merges files into larger nodes.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @param {(file: string) => string} nodeOf
 */
export function merge(graph, nodeOf) {
  /** @type {Map<string, string[]>} */
  const merged = new Map()
  for (const [file, targets] of graph) {
    const node = nodeOf(file)
    const others = targets.map(nodeOf).filter((target) => target !== node)
    merged.set(node, [...new Set([...(merged.get(node) ?? []), ...others])])
  }
  return merged
}

/** @param {ReadonlyMap<string, readonly string[]>} graph @returns Its circles, such as `a -> b -> a`. */
export function circlesIn(graph) {
  /** @type {string[]} */
  const circles = []
  const done = new Set()
  /** @param {string} node @param {readonly string[]} path */
  const visit = (node, path) => {
    if (path.includes(node)) circles.push([...path.slice(path.indexOf(node)), node].join(' -> '))
    else if (!done.has(node)) for (const target of graph.get(node) ?? []) visit(target, [...path, node])
    done.add(node)
  }
  for (const node of graph.keys()) visit(node, [])
  return circles
}
