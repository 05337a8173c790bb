import { dirname } from 'node:path'
import { circlesIn, importGraph, merge } from './import-graph.mjs'

/** The allowed imports of each part. A folder of a package without an entry may import its whole package. */
const allowed = {
  // Folders at the root. Tests in packages may also import tools.
  packages: [],
  tools: [],
  apps: ['packages', 'tools'],
  bench: ['packages', 'tools'],
  examples: ['packages'],
  scripts: ['apps', 'tools'],
  tests: ['packages', 'tools', 'bench', 'scripts'],
  // Packages, as in ARCHITECTURE.md. Their tests may import other packages.
  protocol: [],
  core: ['protocol'],
  server: ['core', 'protocol'],
  redis: ['core', 'protocol'],
  webhooks: ['core', 'protocol'],
  testing: ['core', 'protocol'],
  headcount: ['core', 'protocol', 'redis', 'server', 'testing', 'webhooks'],
  client: ['protocol'],
  react: ['client', 'protocol'],
  element: ['client', 'protocol'],
  redux: ['client', 'protocol'],
  vue: ['client', 'protocol'],
  svelte: ['client', 'protocol'],
  // Folders of packages.
  'core/runtime': [],
  'core/engine': ['core/runtime'],
  'core/counting': ['core/engine', 'core/runtime'],
  'core/broadcast': ['core/engine', 'core/runtime'],
  'server/auth': [],
  'server/metrics': [],
  'server/sockets': [],
  'server/http': [],
  'server/operator': ['server/http', 'server/sockets'],
  'server/opening': ['server/auth', 'server/sockets'],
  'server/longpoll': ['server/opening', 'server/sockets'],
  'server/websocket': ['server/opening', 'server/sockets'],
  'headcount/settings': [],
  'headcount/workers': ['headcount/settings'],
  'headcount/watch': ['headcount/settings'],
  'headcount/examine': [],
  'headcount/cli': ['headcount/examine', 'headcount/settings', 'headcount/watch', 'headcount/workers'],
  'testing/client': [],
  'testing/conformance': ['testing/client'],
}

/** @returns {string[]} Imports that the table does not allow, and circles of files, folders and packages. */
export function wrongArrows() {
  const graph = importGraph()
  const sources = new Map([...graph].filter(([file]) => !isTest(file)))
  const wrong = [...graph].flatMap(([file, targets]) =>
    targets.filter((to) => !isAllowed(file, to)).map((to) => [file, to]),
  )
  const folders = merge(sources, folderOf)
  const packages = merge(graph, (file) => partsOf(file)[1] ?? file.split('/')[0] ?? file)
  return [
    ...wrong.map(([file, target]) => `${file} must not import ${target}`),
    ...[graph, folders, packages].flatMap(circlesIn).map((circle) => `circle: ${circle}`),
  ]
}

/** @param {string} file @param {string} target */
function isAllowed(file, target) {
  const [from, to] = [partsOf(file), partsOf(target)]
  const level = from.findIndex((part, i) => part !== to[i])
  if (level === -1) return true
  // A package is imported by its name, which is not a file.
  if (level < 2 && to[0] === 'packages' && target !== `packages/${to[1]}`) return false
  if (isTest(file) && from[0] === 'packages') return level > 0 || to[0] === 'tools'
  const part = /** @type {keyof typeof allowed} */ (from[level])
  return to[level] === undefined || (allowed[part]?.some((each) => each === to[level]) ?? true)
}

/** The root folder, the package and its folder: `['packages', 'core', 'core/engine']`. @param {string} file */
function partsOf(file) {
  const [root = '', name, , folder, inFolder] = file.split('/')
  if (root !== 'packages') return [root, undefined, undefined]
  return [root, name, inFolder === undefined ? undefined : `${name}/${folder}`]
}

/**
 * The folder in which a source file is. A file of a root folder or of a `src` folder, which composes the folders beside
 * it, stands alone.
 *
 * @param {string} file
 */
function folderOf(file) {
  const [, , folder] = partsOf(file)
  return folder ?? (/^\w+\/[^/]+$|\/src\/[^/]+$/.test(file) ? file : dirname(file))
}

/** @param {string} file */
function isTest(file) {
  return /\.test(-d)?\.tsx?$|^packages\/\w+\/(src\/)?test\//.test(file)
}
