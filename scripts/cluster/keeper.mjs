// Outlives the script of the cluster by a moment: when the pipe to it breaks, whatever it still held is ended.
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

const held = new Set()
const folders = new Set()

for await (const line of createInterface({ input: process.stdin })) {
  const { what, which } = JSON.parse(line)
  if (what === 'hold') held.add(which)
  else if (what === 'release') held.delete(which)
  else folders.add(which)
}
for (const pid of held) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was quicker.
  }
}
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
