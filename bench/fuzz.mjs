// npm run fuzz: sends a server fuzzed frames. `npm run fuzz -- --frames 20000 --seed 7` repeats a run. Exits with 1 if
// other clients were affected, the server exited, or it leaked memory.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { startBystanders } from './attacks/bystanders.mjs'
import { fuzz } from './attacks/fuzz.mjs'
import { pin } from './pin.mjs'

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: `${randomInt(2 ** 31)}` },
  },
})
const [total, seed] = [Number(values.frames), Number(values.seed)]
console.log(`${total} frames, seed ${seed}`)
const bystanders = await startBystanders()
pin(0, process.pid)
try {
  // The first frames make the server compile its code, which uses memory too.
  await fuzz({ port: bystanders.port, seed: seed + 2 ** 31, total: total / 100 })
  const figures = await bystanders.measure((port) => fuzz({ port, seed, total }), 10)
  console.log(JSON.stringify(figures, null, 2))
  if (figures.problems.length + figures.result.unanswered > 0 || figures.hasGrown) process.exitCode = 1
} finally {
  await bystanders.stop()
}
