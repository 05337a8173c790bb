import type { Terminal } from './environment.js'

/** Wraps a text to a number of columns, between words if possible. */
export function wrapped(text: string, columns: number): string[] {
  const width = Math.max(1, columns)
  return text.match(new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)|\\S{${width}}`, 'g')) ?? []
}

/** Returns a function that draws lines over the previous ones. */
export function createScreen(terminal: Terminal): (lines: readonly string[]) => void {
  let drawn = 0
  return (lines) => {
    const up = drawn > 0 ? `\x1b[${drawn}A` : ''
    terminal.write(`${up}\x1b[J${lines.join('\n')}\n`)
    drawn = lines.length
  }
}
