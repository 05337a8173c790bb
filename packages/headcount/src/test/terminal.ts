import { run } from '../cli/main.js'

/** A terminal that is not there: a command's surroundings, and all that it said. */
export class Terminal {
  readonly printed: string[] = []
  readonly complained: string[] = []
  #stop: ((signal: 'SIGTERM' | 'SIGINT') => void) | undefined

  /** @param cwd the folder in which commands are given. */
  constructor(readonly cwd: string) {}

  /** Gives a command. @returns its exit code. */
  run(line: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
    return run(line === '' ? [] : line.split(' '), {
      env,
      cwd: this.cwd,
      print: (text) => void this.printed.push(text),
      complain: (text) => void this.complained.push(text),
      onStop: (listener) => {
        this.#stop = listener
        return () => {}
      },
    })
  }

  /** Asks the command that runs to stop. */
  stop(): void {
    this.#stop?.('SIGTERM')
  }
}
