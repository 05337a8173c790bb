/** All that a command may touch of what is around it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that the command was given in. */
  readonly cwd: string
  /** Writes a line to standard output. */
  print(line: string): void
  /** Writes a line to standard error. */
  complain(line: string): void
  /** Calls `listener` each time somebody asks the process to stop. Returns the undo, with which a signal kills again. */
  onStop(listener: (signal: 'SIGTERM' | 'SIGINT') => void): () => void
}

/** One word after `headcount`. */
export interface Command {
  readonly name: string
  /** One line, for the list of commands. */
  readonly summary: string
  /** All about it, for `headcount <name> --help`. `main` answers that flag itself. */
  readonly help: string
  /**
   * @returns the exit code.
   * @throws {HeadcountError} whose message is all that a person needs to put it right; the exit code is 1.
   */
  run(args: readonly string[], around: Surroundings): Promise<number>
}
