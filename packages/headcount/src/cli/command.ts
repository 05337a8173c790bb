import type { Environment } from './environment.js'

/** One word after `headcount`, in its own file, which is loaded on demand. */
export interface Command {
  /** The text of `headcount <name> --help`, which `main` handles. */
  readonly help: string
  /** @returns the exit code. @throws {HeadcountError} with a message for the user; the exit code is 1. */
  run(args: readonly string[], environment: Environment): Promise<number>
}
