import { didYouMean, HeadcountError } from '@headcount/core'
import { version } from '@headcount/server'
import { badSetting } from '../settings/settings-errors.js'
import { check } from './check.js'
import type { Command } from './command.js'
import { config } from './config.js'
import { type Environment, processEnvironment } from './environment.js'
import { examine } from './examine.js'
import { helpText } from './help.js'
import { serve } from './serve.js'
import { token } from './token.js'
import { top } from './top.js'
import { watch } from './watch.js'

const commands: readonly Command[] = [serve, check, config, token, watch, top, examine]

/** How long, in ms, the output of a command that is done may take to be written. */
const exitTimeout = 3_000

/**
 * The program `headcount`: runs the command and ends the process when its output is written, whatever is still under
 * way, such as an attempt to connect. Never throws.
 */
export async function main(args: readonly string[]): Promise<void> {
  process.exitCode = await run(args, processEnvironment)
  setTimeout(() => process.exit(), exitTimeout).unref()
  await Promise.all([process.stdout, process.stderr].map(written))
  process.exit()
}

/** Resolves when the output has left, or cannot: its reader or its terminal may have gone. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0) await new Promise((done) => stream.on('error', done).write('', done))
}

/** Runs a command in an environment. @returns the exit code. */
export async function run(args: readonly string[], environment: Environment): Promise<number> {
  try {
    const [name = '--help', ...rest] = args
    if (name === '--version' || name === '-v') environment.print(version)
    else if (isHelp(name) || name === 'help') environment.print(rest[0] === undefined ? overview : find(rest[0]).help)
    else if (rest.some(isHelp)) environment.print(find(name).help)
    else return await find(name).run(rest, environment)
    return 0
  } catch (error) {
    for (const line of describe(error).split('\n')) environment.printError(`headcount: ${line}`)
    return 1
  }
}

const isHelp = (arg: string) => arg === '--help' || arg === '-h'

function find(name: string): Command {
  const command = commands.find((one) => one.name === name)
  if (command !== undefined) return command
  const names = commands.map((one) => one.name)
  throw badSetting(`expected a command (${names.join(', ')}), got ${name.split('=')[0]}${didYouMean(name, names)}`)
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
    Commands: commands.map(({ name, summary }) => [name, summary]),
    Flags: [
      ['-h, --help', 'show this help; after a command, the help of that command'],
      ['-v, --version', 'show the version'],
    ],
  },
})
