// A process full of clients: does what its parent orders, and ends with it.
import type { Counts } from '@headcount/protocol'
import { sameCounts } from '../article/shown.js'
import { Actor } from './actor.js'
import type { Answer, Asked, Order, Sight } from './orders.js'

let actors: Actor[] = []
let topic = ''

process.on('message', ({ id, order }: Asked) => {
  obey(order).then(
    (sight) => answer({ id, sight }),
    (error: unknown) => answer({ id, error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())

function answer(it: Answer): void {
  process.send?.(it)
}

async function obey(order: Order): Promise<Sight | undefined> {
  if (order.kind === 'run') {
    topic = order.topic
    actors = order.clients.map(({ plan, urls, token }) => new Actor(plan, topic, urls, token))
    const begun = performance.now()
    await Promise.all(actors.map((actor) => actor.run(begun)))
  } else if (order.kind === 'settle') await Promise.all(actors.map((actor) => actor.settle()))
  else if (order.kind === 'look') return look(order.truth)
  else for (const actor of actors.splice(0)) actor.end()
  return undefined
}

function look(truth: Counts): Sight {
  const inside = actors.flatMap((actor) => actor.inside ?? [])
  const diffs = inside.map((client) => client.of(topic, 'presence_diff').length)
  return {
    inside: inside.length,
    wrong: inside
      .map((client) => client.shown(topic))
      .filter((counts) => !sameCounts(counts, truth))
      .map((counts) => JSON.stringify(counts ?? 'no state')),
    faults: actors.flatMap((actor) => actor.faults),
    diffs: diffs.reduce((sum, each) => sum + each, 0),
    mostDiffs: Math.max(0, ...diffs),
  }
}
