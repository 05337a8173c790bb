import { expect, test } from 'vitest'
import { settings } from '../settings/definitions.js'
import { CommandLine } from '../test/command-line.js'

const commandLine = new CommandLine()

async function run(line: string) {
  commandLine.printed = []
  commandLine.errors = []
  const code = await commandLine.run(line)
  return { code, out: commandLine.printed.join('\n'), errors: commandLine.errors }
}

test.each(['', '--help', '-h', 'help'])('"headcount %s" lists the commands', async (line) => {
  const { code, out, errors } = await run(line)
  expect({ code, errors }).toEqual({ code: 0, errors: [] })
  expect(out).toMatch(/^Usage: headcount <command> \[flags\]/)
  for (const command of ['serve', 'token', 'watch']) expect(out).toMatch(new RegExp(`^ {2}${command} +\\w`, 'm'))
})

test.each(['serve', 'token', 'watch'])('%s has a page of help, at most 120 columns wide', async (command) => {
  const { code, out } = await run(`${command} --help`)
  expect(code).toBe(0)
  expect(out).toMatch(new RegExp(`^Usage: headcount ${command} `))
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  expect((await run(`help ${command}`)).out).toBe(out)
  expect((await run(`${command} --nonsense -h`)).out).toBe(out)
})

test('the help of serve has every flag and every variable without a flag', async () => {
  const { out } = await run('serve --help')
  for (const { flag, env } of settings) {
    if (flag !== undefined) expect(out).toMatch(new RegExp(`^ {2}--${flag} `, 'm'))
    else if (env !== undefined) expect(out).toMatch(new RegExp(`^ {2}${env} `, 'm'))
  }
})

test.each(['--version', '-v'])('%s prints the version', async (flag) => {
  expect(await run(flag)).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/), errors: [] })
})

test('an unknown command is an error that suggests the nearest one', async () => {
  const expected = 'headcount: expected a command (serve, check, config, token, watch, top, examine), got '
  expect(await run('srve')).toEqual({ code: 1, out: '', errors: [`${expected}"srve"; did you mean serve?`] })
  expect(await run('help xyzzyx')).toEqual({ code: 1, out: '', errors: [`${expected}"xyzzyx"`] })
  expect((await run('--port=7')).errors).toEqual([`${expected}"--port"`])
})

test('each invalid setting has its own line, and the exit code is 1', async () => {
  const { code, errors } = await run('serve --port x --unit y')
  expect(code).toBe(1)
  expect(errors).toEqual([
    'headcount: --port: expected a whole number from 0 to 65535, got "x"',
    'headcount: --unit: expected one of connections, people, got "y"',
  ])
})
