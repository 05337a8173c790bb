import { readdir, readFile } from 'node:fs/promises'
import { extname, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HeadcountError } from '@headcount/core'
import type { Given } from './given.js'
import { kindOf, written } from './problems.js'

const names = ['headcount.config.ts', 'headcount.config.js', 'headcount.config.json']

/**
 * The settings of the config file: the one that is asked for, or else the one in the folder, or else none.
 * @throws {HeadcountError} `bad_setting` where it is absent, cannot be read, holds no object, or is one of two.
 */
export async function fromFile(
  cwd: string,
  asked: { readonly path: string; readonly label: string } | undefined,
): Promise<Given> {
  const found = asked === undefined ? await findIn(cwd) : resolve(cwd, asked.path)
  if (found === undefined) return { values: {}, label: written }
  const name = relative(cwd, found) || found
  const value = await load(found, asked === undefined ? name : `${asked.label} ${asked.path}`)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad(`${name}: expected an object as its default export, got ${kindOf(value)}`)
  return { values: withoutUndefined(value), label: (path) => `${written(path)} in ${name}` }
}

async function findIn(cwd: string): Promise<string | undefined> {
  const present = new Set(await readdir(cwd))
  const [first, second] = names.filter((name) => present.has(name))
  if (second !== undefined) throw bad(`expected one config file in ${cwd}, got ${first} and ${second}`)
  return first === undefined ? undefined : resolve(cwd, first)
}

async function load(path: string, label: string): Promise<unknown> {
  try {
    switch (extname(path)) {
      case '.json':
        return parseJson(await readFile(path, 'utf8'), label)
      case '.js':
      case '.mjs':
      case '.cjs':
        return defaultOf(await import(pathToFileURL(path).href))
      case '.ts':
      case '.mts':
      case '.cts':
        return defaultOf(await importTypeScript(path))
    }
  } catch (error) {
    if (error instanceof HeadcountError) throw error
    throw bad(`${label}: expected a file that can be loaded, got ${firstLine(error)}`, error)
  }
  throw bad(`${label}: expected a .ts, .js or .json file, got ${extname(path) || 'no ending'}`)
}

/** Node 20 cannot read types, so jiti does, on every version alike; it is loaded only where there is such a file. */
async function importTypeScript(path: string): Promise<object> {
  const { createJiti } = await import('jiti')
  return createJiti(import.meta.url, { fsCache: false, moduleCache: false }).import<object>(path)
}

function defaultOf(module: object): unknown {
  return 'default' in module ? module.default : undefined
}

/** The parser's own words are not passed on: they quote the text, which may hold secrets. */
function parseJson(text: string, label: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const at = /position (\d+)/.exec(String(error))?.[1]
    const line = at === undefined ? '' : ` (line ${text.slice(0, Number(at)).split('\n').length})`
    throw bad(`${label}: expected JSON, got text that is none${line}`)
  }
}

/** `secret: process.env.SECRET` of an absent variable is as good as no key. */
function withoutUndefined(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (item === undefined) return []
      const plain = typeof item === 'object' && item !== null && !Array.isArray(item)
      return [[key, plain ? withoutUndefined(item) : item]]
    }),
  )
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return (text.split('\n')[0] ?? '').trim() || 'an error without a message'
}

function bad(message: string, cause?: unknown): HeadcountError {
  return new HeadcountError('bad_setting', message, cause === undefined ? {} : { cause })
}
