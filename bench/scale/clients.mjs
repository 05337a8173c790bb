import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { memoryOf, tree } from './memory.mjs'

/**
 * @typedef {object} Sum
 * @property {number} open
 * @property {number} joined Have been shown a count.
 * @property {number} frames
 * @property {number} bytes
 * @property {number} least The lowest count that any of them shows; -1 where one process has none yet.
 * @property {number} most
 * @property {number} lost
 */

/** The sockets of a run, held by the program in load.c. */
export class Clients {
  #child
  #parts
  /** @type {Map<number, number[]>} */
  #said = new Map()

  /**
   * @param {string} program
   * @param {{ port: number, total: number, each: number, rate: number, heartbeat: number, topic: string }} options
   */
  constructor(program, { port, total, each, rate, heartbeat, topic }) {
    this.#parts = Math.ceil(total / each)
    const args = [port, total, each, rate, heartbeat, topic].map(String)
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const [part = 0, ...figures] = line.split(' ').map(Number)
      this.#said.set(part, figures)
    })
  }

  /** What all of them said last. @returns {Sum} */
  sum() {
    const all = [...this.#said.values()]
    const at = (/** @type {number} */ place) => all.map((figures) => figures[place] ?? 0)
    const add = (/** @type {number} */ place) => at(place).reduce((sum, one) => sum + one, 0)
    return {
      open: add(0),
      joined: add(1),
      frames: add(2),
      bytes: add(3),
      least: all.length < this.#parts ? -1 : Math.min(...at(4)),
      most: Math.max(-1, ...at(5)),
      lost: add(6),
    }
  }

  /** In bytes, the kernel's not among them. */
  get memory() {
    return memoryOf(tree(Number(this.#child.pid)))
  }

  end() {
    this.#child.stdin.end()
  }
}
