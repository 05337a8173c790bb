import { didYouMean, HeadcountError } from '@headcount/core'
import { argumentText, badSetting } from '../settings/settings-errors.js'
import { printable } from '../watch/printable.js'
import type { Command } from './command.js'
import { type Environment, processEnvironment } from './environment.js'
import { helpText } from './help.js'

/** Without loading the server, other commands start in half the time. */
const commands: Readonly<Record<string, readonly [summary: string, load: () => Promise<Command>]>> = {
  serve: ['start a server', async () => (await import('./serve.js')).serve],
  check: [
    'check the settings and what a server needs, before it is started',
    async () => (await import('./check.js')).check,
  ],
  config: ['show every setting, its value and its source', async () => (await import('./config.js')).config],
  token: [
    'sign a development token with the configured secret, or verify one',
    async () => (await import('./token.js')).token,
  ],
  watch: ['show the live counts of topics', async () => (await import('./watch.js')).watch],
  top: ['show the busiest topics of a server, for operators', async () => (await import('./top.js')).top],
  examine: ['test whether the counts of a server are exact', async () => (await import('./examine.js')).examine],
}

/** How long, in ms, the output of a finished command may take to be written. */
const exitTimeout = 3_000

/**
 * The program `headcount`: runs the command and exits when its output is written, even if work is pending, such as an
 * attempt to connect. Never throws.
 * @param parent the process that started it.
 */
export async function main(args: readonly string[], parent: number): Promise<void> {
  // Its reader may be gone, or the disk full: a server goes on, and other commands have nothing left to do.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => args[0] === 'serve' || process.exit(1))
  }
  process.exitCode = await run(args, processEnvironment(parent))
  setTimeout(() => process.exit(), exitTimeout).unref()
  await Promise.all([process.stdout, process.stderr].map(written))
  process.exit()
}

/** Resolves when the output is written, or cannot be: its reader or terminal may be closed. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0) await new Promise((done) => stream.on('error', done).write('', done))
}

/** Runs a command in an environment. Its lines cannot control the terminal. @returns the exit code. */
export async function run(args: readonly string[], given: Environment): Promise<number> {
  const environment = { ...given, print: escaped(given.print), printError: escaped(given.printError) }
  try {
    const [name = '--help', ...rest] = args
    if (name === '--version' || name === '-v') environment.print((await import('@headcount/server')).version)
    else if (isHelp(name) || name === 'help')
      environment.print(rest[0] === undefined ? overview : (await load(rest[0])).help)
    else if (rest.some(isHelp)) environment.print((await load(name)).help)
    else return await (await load(name)).run(rest, environment)
    return 0
  } catch (error) {
    for (const line of describe(error).split('\n')) environment.printError(`headcount: ${line}`)
    return 1
  }
}

/** Escapes each line: servers and tokens have texts that others chose. */
const escaped = (print: Environment['print']) => (text: string) => print(text.split('\n').map(printable).join('\n'))

const isHelp = (arg: string) => arg === '--help' || arg === '-h'

function load(name: string): Promise<Command> {
  if (Object.hasOwn(commands, name)) return commands[name]![1]()
  const names = Object.keys(commands)
  throw badSetting(
    `expected a command (${names.join(', ')}), got ${argumentText(name.split('=')[0]!)}${didYouMean(name, names)}`,
  )
}

/** The message of an expected error; the stack of any other, which is a bug. */
function describe(error: unknown): string {
  if (error instanceof HeadcountError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

const overview = helpText({
  usage: '<command> [flags]',
  about: 'How many people are here, and never who.',
  tables: {
    Commands: Object.entries(commands).map(([name, [summary]]) => [name, summary]),
    Flags: [
      ['-h, --help', 'show this help; after a command, the help of that command'],
      ['-v, --version', 'show the version'],
    ],
  },
})
