import { readFile } from 'node:fs/promises'
import { HeadcountError } from '@headcount/core'
import { nearest } from '../settings/index.js'
import type { Command, Surroundings } from './command.js'
import { table } from './help.js'
import { serve } from './serve.js'
import { token } from './token.js'

const commands: readonly Command[] = [serve, token]

/** How long, in ms, the process may linger when its command is done. */
const linger = 3_000

/** The program `headcount`: does what the arguments say and sets the process's exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await run(argv, processSurroundings)
  setTimeout(() => process.exit(), linger).unref()
}

/** The same with the surroundings passed in. @returns the exit code. */
export async function run(argv: readonly string[], around: Surroundings): Promise<number> {
  const [name = '--help', ...rest] = argv
  try {
    if (name === '--version') return say(around, await version())
    if (name === '--help' || name === '-h') return say(around, overview())
    if (name === 'help') return say(around, rest[0] === undefined ? overview() : commandOf(rest[0]).help)
    const command = commandOf(name)
    if (rest.includes('--help') || rest.includes('-h')) return say(around, command.help)
    return await command.run(rest, around)
  } catch (error) {
    for (const line of explain(error).split('\n')) around.complain(`headcount: ${line}`)
    return 1
  }
}

function commandOf(name: string): Command {
  const command = commands.find((one) => one.name === name)
  if (command !== undefined) return command
  const names = commands.map((one) => one.name)
  const likely = nearest(name, names)
  throw new HeadcountError(
    'bad_setting',
    `expected a command (${names.join(', ')}), got ${name.split('=')[0]}${likely === undefined ? '' : `; did you mean ${likely}?`}`,
  )
}

/** What a person can put right is said in a line; anything else is a fault of ours, and its stack helps to find it. */
function explain(error: unknown): string {
  if (error instanceof HeadcountError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function say(around: Surroundings, text: string): number {
  around.print(text)
  return 0
}

function overview(): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const)
  return [
    'Usage: headcount <command> [flags]',
    'How many people are here, and never who.',
    table('Commands', rows),
    table('Flags', [
      ['--help', 'say this; after a command, say all about it'],
      ['--version', 'say the version'],
    ]),
  ].join('\n\n')
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const processSurroundings: Surroundings = {
  env: process.env,
  cwd: process.cwd(),
  print: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  onStop(listener) {
    const signals = ['SIGTERM', 'SIGINT'] as const
    for (const signal of signals) process.on(signal, listener)
    return () => {
      for (const signal of signals) process.off(signal, listener)
    }
  },
}
