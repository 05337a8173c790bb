import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * The terminal: lines are typed at the bottom while others are said above; without a terminal lines come from a pipe, or
 * never, and nothing is drawn.
 */
export class Terminal {
  #isTerminal = process.stdin.isTTY && process.stdout.isTTY
  #lines = createInterface({
    input: process.stdin,
    output: this.#isTerminal ? process.stdout : undefined,
    terminal: this.#isTerminal,
    prompt: '> ',
  })
  #prompts = false

  /** @param {{ line(line: string): Promise<void>, interrupt(): void }} hears `interrupt` is a Ctrl-C, or a Ctrl-D. */
  constructor({ line, interrupt }) {
    this.#lines.on('line', async (text) => {
      if (text.trim() !== '') await line(text)
      this.#prompt()
    })
    this.#lines.on('SIGINT', interrupt)
    // The end of a pipe ends nothing: a server that is started without a terminal has none to begin with.
    if (this.#isTerminal) this.#lines.once('close', interrupt)
  }

  /** From now on a person is asked for lines. */
  prompt() {
    this.#prompts = true
    this.#prompt()
  }

  /** @param {string} text */
  say(text) {
    if (this.#isTerminal) process.stdout.write('\r\x1b[K')
    process.stdout.write(`${text}\n`)
    this.#prompt()
  }

  close() {
    this.#prompts = false
    this.#lines.removeAllListeners()
    this.#lines.close()
    process.stdin.unref?.()
  }

  /** Opens a page for a person who sits here; a machine without a browser has a person who opens it. @param {string} url */
  open(url) {
    if (!process.stdout.isTTY || process.env.CI !== undefined) return
    const command = process.platform === 'darwin' ? 'open' : 'xdg-open'
    if (process.platform === 'win32') return
    spawn(command, [url], { stdio: 'ignore', detached: true })
      .on('error', () => {})
      .unref()
  }

  #prompt() {
    if (this.#prompts && this.#isTerminal) this.#lines.prompt(true)
  }
}
