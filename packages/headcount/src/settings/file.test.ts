import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fromFile } from './file.js'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'headcount-file-'))
})
afterEach(() => rm(cwd, { recursive: true }))

const write = (name: string, text: string) => writeFile(join(cwd, name), text)
const values = async (path?: string) =>
  (await fromFile(cwd, path === undefined ? undefined : { path, label: '--config' })).values
const refused = (path?: string) =>
  values(path).then(
    () => {
      throw new Error('expected the file to be refused, got none')
    },
    (error: Error) => error.message,
  )

test('without a file there are no settings', async () => {
  expect(await values()).toEqual({})
})

test.each([
  ['headcount.config.json', '{"port":1}'],
  ['headcount.config.js', 'export default { port: 1 }'],
  ['headcount.config.js', 'module.exports = { port: 1 }'],
  ['headcount.config.ts', 'enum Port { Demo = 1 }\nexport default { port: Port.Demo as number } satisfies object'],
])('%s is found: %s', async (name, text) => {
  if (text.startsWith('module')) await write('package.json', '{"type":"commonjs"}')
  else await write('package.json', '{"type":"module"}')
  await write(name, text)
  expect(await values()).toEqual({ port: 1 })
})

test('a TypeScript config may import its neighbours and types', async () => {
  await write('topics.ts', "export const topics: readonly string[] = ['video:*']")
  await write(
    'headcount.config.ts',
    "import type { HeadcountConfig } from '@headcount/server'\nimport { topics } from '@headcount/server'\nexport default { topics } satisfies HeadcountConfig",
  )
  expect(await values()).toEqual({ topics: ['video:*'] })
})

test('--config names another file, from the folder or from the root', async () => {
  await mkdir(join(cwd, 'etc'))
  await write('headcount.config.json', '{"port":1}')
  await write('etc/mine.json', '{"port":2}')
  await write('etc/mine.mts', 'export default { port: 3 }')
  await write('etc/mine.cjs', 'module.exports = { port: 4 }')
  expect(await values('etc/mine.json')).toEqual({ port: 2 })
  expect(await values(join(cwd, 'etc/mine.mts'))).toEqual({ port: 3 })
  expect(await values('etc/mine.cjs')).toEqual({ port: 4 })
})

test('two files are an error', async () => {
  await write('headcount.config.js', '')
  await write('headcount.config.json', '')
  expect(await refused()).toMatch(/expected one config file in .*, got headcount.config.js and headcount.config.json/)
})

test('a file that is not there, or of another kind, is an error that names it', async () => {
  expect(await refused('none.json')).toMatch(/^--config none.json: expected a file that can be loaded, got ENOENT/)
  expect(await refused('none.ts')).toMatch(/^--config none.ts: expected a file that can be loaded, got /)
  expect(await refused('settings.yaml')).toBe('--config settings.yaml: expected a .ts, .js or .json file, got .yaml')
  expect(await refused('settings')).toBe('--config settings: expected a .ts, .js or .json file, got no ending')
})

test('JSON that is none is an error that does not quote it', async () => {
  for (const text of ['{"secret":hunter2}', '{\n"secret":\n"hunter2"', '']) {
    await write('headcount.config.json', text)
    const message = await refused()
    expect(message).toMatch(/^headcount.config.json: expected JSON, got text that is none/)
    expect(message).not.toContain('hunter2')
  }
})

test('a file that throws, or is no code, is an error that says why', async () => {
  await write('a.js', "throw new Error('the vault is closed')")
  expect(await refused('a.js')).toBe('--config a.js: expected a file that can be loaded, got the vault is closed')
  for (const name of ['b.mjs', 'b.ts']) {
    await write(name, 'export default {')
    expect(await refused(name)).toMatch(/^--config b\.\w+: expected a file that can be loaded, got ./)
  }
})

test.each([
  ['a.json', 'null', 'null'],
  ['a.json', '[]', 'a list of 0'],
  ['a.json', '7', 'a number'],
  ['a.mjs', 'export const port = 1', 'nothing'],
  ['a.ts', 'export const port = 1', 'nothing'],
  ['a.ts', 'export default () => ({})', 'a function'],
])('%s that holds %s is no config', async (name, text, got) => {
  await write(name, text)
  expect(await refused(name)).toBe(`${name}: expected an object as its default export, got ${got}`)
})
