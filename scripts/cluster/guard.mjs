import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const keeper = fileURLToPath(new URL('./keeper.mjs', import.meta.url))

/**
 * Sees to it that nothing outlives the script, however that ends: on its way out it ends what still runs by itself, and
 * where it cannot (a SIGKILL), `keeper.mjs`, a small process beside it, does.
 */
export class Guard {
  /** @type {Set<number>} */
  #pids = new Set()
  /** @type {Set<string>} */
  #folders = new Set()
  #keeper = spawn(process.execPath, [keeper], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  #onExit = () => this.#clear()

  constructor() {
    // Without a keeper the way out by `exit` is still there.
    this.#keeper.on('error', () => {})
    this.#keeper.stdin.on('error', () => {})
    this.#keeper.unref()
    process.on('exit', this.#onExit)
  }

  /**
   * @param {number} pid A process that must not outlive the script.
   * @returns {() => void} To be called when it has ended: its number may become another's.
   */
  hold(pid) {
    this.#pids.add(pid)
    this.#tell('hold', pid)
    return () => {
      this.#pids.delete(pid)
      this.#tell('release', pid)
    }
  }

  /** @param {string} folder One that goes when the script does. */
  folder(folder) {
    this.#folders.add(folder)
    this.#tell('folder', folder)
  }

  /** Ends and removes what is left. */
  close() {
    process.off('exit', this.#onExit)
    this.#clear()
    this.#keeper.stdin.end()
  }

  #clear() {
    for (const pid of this.#pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It was quicker.
      }
    }
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true })
  }

  /** @param {'hold' | 'release' | 'folder'} what @param {number | string} which */
  #tell(what, which) {
    this.#keeper.stdin.write(`${JSON.stringify({ what, which })}\n`)
  }
}
