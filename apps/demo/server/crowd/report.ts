import type { Progress } from './register.js'

/** A terminal that can write over its last line. */
export interface Screen {
  readonly columns: number
  write(text: string): unknown
}

export interface ReportOptions {
  /** Without it, lines are printed. */
  readonly screen: Screen | undefined
  print(line: string): void
  /** Now, in ms. */
  now(): number
}

/** How often a line is printed where none can be written over, in ms. */
const printEvery = 5_000

/** Tells a person how a crowd is doing: on one line that changes, or on a line every five seconds. */
export class Report {
  readonly #o: ReportOptions
  readonly #startedAt: number
  #printedAt = Number.NEGATIVE_INFINITY
  #line = ''

  constructor(options: ReportOptions) {
    this.#o = options
    this.#startedAt = options.now()
  }

  progress(progress: Progress): void {
    const now = this.#o.now()
    const line = `${Math.floor((now - this.#startedAt) / 1000)} s: ${sentence(progress)}`
    if (this.#o.screen !== undefined) this.#over(this.#o.screen, line)
    else if (now - this.#printedAt >= printEvery) {
      this.#printedAt = now
      this.#o.print(line)
    }
  }

  /** The last word. */
  end({ joins, leaves, failures }: Progress): void {
    if (this.#line !== '') this.#o.screen?.write('\n')
    this.#o.print(`The crowd has gone: ${joins} joins, ${leaves} leaves, ${failures} failures.`)
  }

  #over(screen: Screen, line: string): void {
    // A terminal that does not know its width says 0.
    this.#line = line.slice(0, (screen.columns || 80) - 1)
    screen.write(`\r\u001b[2K${this.#line}`)
  }
}

/** `280 of 300 viewers, 20 of 20 users; the topic has 20 users, 281 viewers; 2 failures (ECONNREFUSED)`. */
function sentence({ wanted, here, counts, failures, reason }: Progress): string {
  const kinds = (['viewers', 'users'] as const).map((kind) => `${here[kind]} of ${wanted[kind]} ${kind}`)
  const parts = [kinds.join(', ')]
  if (counts !== undefined) {
    const groups = Object.entries(counts).map(([group, { count }]) => `${count} ${group}`)
    parts.push(`the topic has ${groups.join(', ')}`)
  }
  if (failures > 0) parts.push(`${failures} failures (${reason})`)
  return parts.join('; ')
}
