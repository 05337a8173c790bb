import { expect, test } from 'vitest'
import { settingsTable } from '../settings/index.js'
import { Folder } from '../test/folder.js'
import { Terminal } from '../test/terminal.js'

const folder = new Folder()

/** What a command says, and its exit code. */
async function say(line: string) {
  const terminal = new Terminal(folder.path)
  const code = await terminal.run(line)
  return { code, out: terminal.printed.join('\n'), errors: terminal.complained }
}

test('without a command, or asked for help, it says which commands there are', async () => {
  for (const line of ['', '--help', '-h', 'help']) {
    const { code, out, errors } = await say(line)
    expect({ code, errors }).toEqual({ code: 0, errors: [] })
    expect(out).toMatch(/^Usage: headcount <command> \[flags\]/)
    for (const command of ['serve', 'token', 'crowd']) expect(out).toMatch(new RegExp(`^ {2}${command} +\\w`, 'm'))
  }
})

test('each command says all about itself', async () => {
  for (const command of ['serve', 'token', 'crowd']) {
    const { code, out } = await say(`${command} --help`)
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^Usage: headcount ${command} `))
    expect((await say(`help ${command}`)).out).toBe(out)
    expect((await say(`${command} --nonsense -h`)).out).toBe(out)
  }
})

test("serve's help names every setting that can be given to it", async () => {
  const { out } = await say('serve --help')
  for (const { flag, env } of settingsTable) {
    expect(out).toMatch(flag === undefined ? new RegExp(`^ {2}${env} `, 'm') : new RegExp(`^ {2}--${flag.name} `, 'm'))
  }
})

test('no help is wider than 120 letters', async () => {
  for (const line of ['', 'serve --help', 'token --help', 'crowd --help']) {
    for (const text of (await say(line)).out.split('\n')) expect(text.length).toBeLessThanOrEqual(120)
  }
})

test('--version says the version', async () => {
  expect(await say('--version')).toEqual({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+/),
    errors: [],
  })
})

test('an unknown command is an error with the one that was likely meant', async () => {
  const expected = 'headcount: expected a command (serve, token, crowd), got '
  expect(await say('srve')).toEqual({ code: 1, out: '', errors: [`${expected}srve; did you mean serve?`] })
  expect(await say('help xyzzyx')).toEqual({ code: 1, out: '', errors: [`${expected}xyzzyx`] })
  expect((await say('--port=7')).errors).toEqual([`${expected}--port`])
})

test('each thing that is wrong is a line of its own', async () => {
  const { code, errors } = await say('serve --port x --unit y')
  expect(code).toBe(1)
  expect(errors).toEqual([
    'headcount: --port: expected a whole number from 0 to 65535, got "x"',
    'headcount: --unit: expected one of connections, people, got "y"',
  ])
})
