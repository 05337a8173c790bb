import { access, readdir, readFile } from 'node:fs/promises'
import { extname, relative, resolve } from 'node:path'
import { isObject } from './kinds.js'
import { badSetting, kindOf } from './settings-errors.js'

export interface ConfigFile {
  /** Its name in errors. */
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
}

const extensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json']

/**
 * Reads the config file: the requested one, else the one in the folder.
 * @param asked.by the flag or variable that requests it.
 * @returns undefined if there is none.
 * @throws {HeadcountError} `bad_setting` if it cannot be loaded, is not an object, or there are two.
 */
export async function readConfigFile(
  cwd: string,
  asked: { readonly path: string | undefined; readonly by: string },
): Promise<ConfigFile | undefined> {
  const found = asked.path || (await findIn(cwd))
  if (found === undefined) return undefined
  const path = resolve(cwd, found)
  const name = relative(cwd, path)
  const config = await load(path, asked.path ? `${asked.by} ${asked.path}` : name)
  if (!isObject(config)) throw badSetting(`${name}: expected an object as its default export, got ${kindOf(config)}`)
  return { name, config }
}

async function findIn(cwd: string): Promise<string | undefined> {
  const names = (await readdir(cwd)).filter((name) => /^headcount\.config\.\w+$/.test(name)).sort()
  const loadable = names.filter((name) => extensions.includes(extname(name)))
  if (loadable.length > 1) throw badSetting(`expected one config file in ${cwd}, got ${loadable.join(' and ')}`)
  return loadable[0] ?? names[0]
}

async function load(path: string, label: string): Promise<unknown> {
  const extension = extname(path)
  if (!extensions.includes(extension)) {
    throw badSetting(`${label}: expected a ${extensions.join(', ')} file, got ${extension || 'no extension'}`)
  }
  try {
    await access(path)
    if (extension !== '.json') return await importDefault(path)
    return parseJson(await readFile(path, 'utf8'))
  } catch (error) {
    throw badSetting(`${label}: expected a file that loads, got ${reasonOf(error, path)}`, error)
  }
}

/**
 * jiti loads TypeScript on every version of Node, and names the line of a syntax error, which `import` does not. It
 * transpiles JavaScript, too: Node would cache the module, and a reload would not see its changes.
 */
async function importDefault(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const jiti = createJiti(import.meta.url, { fsCache: false, moduleCache: false, interopDefault: false })
  const options = { filename: path, async: true, forceTranspile: true }
  const module = (await jiti.evalModule(await readFile(path, 'utf8'), options)) as {
    __esModule?: true
    default?: unknown
  }
  return module.__esModule ? module.default : module
}

/** The parser's own message is not shown: it quotes the text, which may contain secrets. */
function parseJson(text: string): unknown {
  try {
    // Some editors begin with a byte order mark.
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    const [, position] = /position (\d+)/.exec(String(error)) ?? []
    const line = position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`
    throw new Error(`text that is not JSON${line}`)
  }
}

/** The first line of the error's message, and the line of the file that caused it. */
function reasonOf(error: unknown, path: string): string {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const [, line] = /^(\d+)/.exec(stack.split(`${path}:`)[1] ?? '') ?? []
  const [first = ''] = message.split('\n')
  return (first.trim() || 'an error without a message') + (line === undefined ? '' : ` (line ${line})`)
}
