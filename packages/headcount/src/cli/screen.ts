import type { Terminal } from './environment.js'

/** Returns a function that draws lines over those that it drew last. */
export function createScreen(terminal: Terminal): (lines: readonly string[]) => void {
  let drawn = 0
  return (lines) => {
    const up = drawn > 0 ? `\x1b[${drawn}A` : ''
    terminal.write(`${up}\x1b[J${lines.join('\n')}\n`)
    drawn = lines.length
  }
}
