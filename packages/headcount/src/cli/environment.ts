import { text as readText } from 'node:stream/consumers'
import { isatty } from 'node:tty'

/** The parts of the process that a command uses. */
export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder in which the command was started. */
  readonly cwd: string
  /** Writes a line to standard output. */
  print(line: string): void
  /** Writes a line to standard error. */
  printError(line: string): void
  /** The text on standard input, to its end. */
  readInput(): Promise<string>
  /** Undefined if standard output is not a terminal. */
  readonly terminal: Terminal | undefined
  /** Calls `listener` at each request to stop. Returns the undo. */
  onStop(listener: (reason: string) => void): () => void
  /** Calls `listener` at each request to reload the settings. Returns the undo. */
  onReload(listener: () => void): () => void
}

export interface Terminal {
  columns(): number
  rows(): number
  write(text: string): void
}

/** How often, in ms, to check whether npm still runs. */
const parentCheck = 1_000

/** @param parent the process that started this one. */
export const processEnvironment = (parent: number): Environment => ({
  env: process.env,
  cwd: process.cwd(),
  print: (line) => void process.stdout.write(`${line}\n`),
  printError: (line) => void process.stderr.write(`${line}\n`),
  readInput: () => readText(process.stdin),
  terminal: process.stdout.isTTY
    ? {
        columns: () => process.stdout.columns || 80,
        rows: () => process.stdout.rows || 24,
        write: (text) => void process.stdout.write(text),
      }
    : undefined,
  onStop(listener) {
    const signals = ['SIGTERM', 'SIGINT'] as const
    for (const signal of signals) process.on(signal, listener)
    const stopWatching = onParentExit(parent, () => listener('npm exited'))
    const undoHangup = onHangup((isTerminalClosed) => isTerminalClosed && listener('terminal closed'))
    return () => {
      undoHangup()
      stopWatching()
      for (const signal of signals) process.off(signal, listener)
    }
  },
  onReload: (listener) => onHangup((isTerminalClosed) => isTerminalClosed || listener()),
})

/** Calls `listener` at each SIGHUP, which a terminal also sends when it is closed. */
function onHangup(listener: (isTerminalClosed: boolean) => unknown): () => void {
  const wasTerminal = isatty(0)
  const hangup = (): void => void listener(wasTerminal && !isatty(0))
  process.on('SIGHUP', hangup)
  return () => void process.off('SIGHUP', hangup)
}

/**
 * Calls `listener` when the npm or npx that started this process has exited: it does not pass on signals to the program
 * that its shell runs.
 */
function onParentExit(parent: number, listener: () => void): () => void {
  if (process.env.npm_lifecycle_event === undefined) return () => {}
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    listener()
  }, parentCheck)
  timer.unref()
  return () => clearInterval(timer)
}
