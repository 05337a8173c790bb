import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('./peers/floor.c', import.meta.url))
const script = fileURLToPath(new URL('./peers/floor.mjs', import.meta.url))
const folder = fileURLToPath(new URL('../.build/', import.meta.url))

/**
 * The floor's command: compiled from C where the machine can, else the one on bare Node streams.
 *
 * @returns {{ kind: 'C' | 'node:net', command: string, args: string[] }}
 */
export function floorCommand() {
  try {
    mkdirSync(folder, { recursive: true })
    execFileSync('cc', ['-O2', '-o', `${folder}floor`, source], { stdio: 'ignore' })
    return { kind: 'C', command: `${folder}floor`, args: [] }
  } catch {
    return { kind: 'node:net', command: process.execPath, args: [script] }
  }
}
