import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CommandLine } from '../test/command-line.js'
import { readConfigFile } from './config-file.js'

const commandLine = new CommandLine()
const write = (name: string, text: string) => commandLine.write(name, text)
const read = async (path?: string) => (await readConfigFile(commandLine.folder, { path, by: '--config' }))?.config
const refused = (path?: string) =>
  read(path).then(
    () => 'accepted',
    (error: Error) => error.message,
  )

test('without a file there is no config', async () => {
  expect(await read()).toBeUndefined()
})

test.each([
  ['headcount.config.json', '{"port":1}'],
  ['headcount.config.json', '\ufeff{"port":1}'],
  ['headcount.config.ts', '\ufeffexport default { port: 1 }'],
  ['headcount.config.js', 'export default { port: 1 }'],
  ['headcount.config.mjs', 'export default { port: await Promise.resolve(1) }'],
  ['headcount.config.cjs', 'module.exports = { port: 1 }'],
  ['headcount.config.ts', 'enum Port { Test = 1 }\nexport default { port: Port.Test as number } satisfies object'],
])('%s is found', async (name, text) => {
  await write(name, text)
  expect(await read()).toEqual({ port: 1 })
})

test.each(['json', 'js', 'mjs', 'cjs', 'ts', 'mts', 'cts'])(
  'a .%s file that changed is read again',
  async (extension) => {
    await write('package.json', '{"type":"module"}')
    const syntax =
      { json: '{"port":1}', cjs: 'module.exports = { port: 1 }' }[extension] ?? 'export default { port: 1 }'
    for (const port of [1, 2, 3]) {
      await write(`headcount.config.${extension}`, syntax.replace('1', String(port)))
      expect(await read()).toEqual({ port })
    }
  },
)

test('a TypeScript config can import other files and types', async () => {
  await write('topics.ts', "export const topics: readonly string[] = ['video:*']")
  await write(
    'headcount.config.ts',
    "import type { HeadcountConfig } from 'headcount'\nimport { topics } from './topics.js'\n" +
      'export default { topics } satisfies HeadcountConfig',
  )
  expect(await read()).toEqual({ topics: ['video:*'] })
})

test('--config names another file, by a relative or an absolute path', async () => {
  await mkdir(join(commandLine.folder, 'etc'))
  await write('headcount.config.json', '{"port":1}')
  await write('etc/mine.json', '{"port":2}')
  await write('etc/mine.mts', 'export default { port: 3 }')
  expect(await read('etc/mine.json')).toEqual({ port: 2 })
  expect(await read(join(commandLine.folder, 'etc/mine.mts'))).toEqual({ port: 3 })
})

test('two config files in the folder are refused', async () => {
  await write('headcount.config.js', '')
  await write('headcount.config.json', '')
  expect(await refused()).toMatch(/expected one config file in .*, got headcount.config.js and headcount.config.json$/)
})

test('a config file with another extension is refused by name, unless there is one to load', async () => {
  const expected = 'expected a .ts, .mts, .cts, .js, .mjs, .cjs, .json file, got'
  await write('headcount.config.yaml', 'port: 1')
  expect(await refused()).toBe(`headcount.config.yaml: ${expected} .yaml`)
  expect(await refused('settings')).toBe(`--config settings: ${expected} no extension`)
  await write('headcount.config.json', '{"port":1}')
  expect(await read()).toEqual({ port: 1 })
})

test.each(['none.json', 'none.ts'])('%s, which does not exist, is refused by name', async (name) => {
  expect(await refused(name)).toMatch(new RegExp(`^--config ${name}: expected a file that loads, got ENOENT`))
})

test('invalid JSON is refused with its line', async () => {
  await write('headcount.config.json', '{\n  port: 1\n}')
  expect(await refused()).toContain('got text that is not JSON (line 2)')
})

test.each(['{"secret":hunter2}', '{\n"secret":\n"hunter2"', ''])('invalid JSON is not quoted: %j', async (text) => {
  await write('headcount.config.json', text)
  const message = await refused()
  expect(message).toMatch(/^headcount.config.json: expected a file that loads, got text that is not JSON/)
  expect(message).not.toContain('hunter2')
})

test.each([
  ['a.ts', 'export default {\n  port: ,\n}', 'ParseError: Unexpected token (line 2)'],
  ['a.mjs', 'export default {\n  secret: "hunter2\n}', 'ParseError: Unterminated string constant. (line 2)'],
  ['a.cjs', '\n\nmodule.exports = {', 'ParseError: Unexpected token (line 3)'],
  ['a.js', "\nthrow new Error('the vault is closed')", 'the vault is closed (line 2)'],
  ['a.js', 'export default { port: where }', 'where is not defined (line 1)'],
])('the error in %s is shown with its line: %j', async (name, text, reason) => {
  await write(name, text)
  expect(await refused(name)).toBe(`--config ${name}: expected a file that loads, got ${reason}`)
})

test.each([
  ['a.json', 'null', 'null'],
  ['a.json', '[]', 'an empty list'],
  ['a.mjs', 'export const port = 1', 'undefined'],
  ['a.ts', 'export default () => ({})', 'function'],
])('%s with %s is not a config', async (name, text, got) => {
  await write(name, text)
  expect(await refused(name)).toBe(`${name}: expected an object as its default export, got ${got}`)
})
