import { cut } from '../watch/fit.js'
import type { Terminal } from './environment.js'

/** Wraps a text to a number of columns, between words if possible. */
export function wrapped(text: string, columns: number): string[] {
  const width = Math.max(1, columns)
  return text.match(new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)|\\S{${width}}`, 'g')) ?? []
}

/**
 * Returns a function that draws lines over the previous ones, and a note below them. Lines are cut to the columns of
 * the terminal; of lines that have no room the last one is their number.
 */
export function createScreen(terminal: Terminal): (lines: readonly string[], note: string) => void {
  let drawn = 0
  return (lines, note) => {
    const columns = terminal.columns()
    const notes = wrapped(note, columns)
    // The cursor is in the last row.
    const room = Math.max(1, terminal.rows() - 1 - notes.length)
    const hidden = lines.length - room + 1
    const shown = hidden > 1 ? [...lines.slice(0, room - 1), `… ${hidden} more`] : lines
    const all = [...shown.map((line) => cut(line, columns)), ...notes]
    const up = drawn > 0 ? `\x1b[${drawn}A` : ''
    terminal.write(`${up}\x1b[J${all.join('\n')}\n`)
    drawn = all.length
  }
}
