import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, ClientOrder, Order, Sight } from './orders.js'

/** The built worker: where this file runs from its source, the build beside it. */
const worker = fileURLToPath(new URL('./worker.js', import.meta.url)).replace(
  /([\\/])src([\\/]storm[\\/]worker\.js)$/,
  '$1dist$2',
)

/** Processes full of clients, so that clients and server do not wait for each other's processor time. */
export class Crowd {
  readonly #processes: readonly Process[]

  private constructor(processes: readonly Process[]) {
    this.#processes = processes
  }

  /** Starts the processes, which end with `stop`, or with this one. */
  static async start(processes = 2): Promise<Crowd> {
    const crowd = new Crowd(Array.from({ length: processes }, () => new Process()))
    await crowd.settle()
    return crowd
  }

  /** Runs clients to the end of their plans, dealt out among the processes. */
  async run(topic: string, clients: readonly ClientOrder[]): Promise<void> {
    const { length } = this.#processes
    const deal = (i: number) => clients.filter((_, c) => c % length === i)
    await Promise.all(this.#processes.map((each, i) => each.ask({ kind: 'run', topic, clients: deal(i) })))
  }

  /** Waits until the servers have handled all that was sent. */
  async settle(): Promise<void> {
    await this.#askAll({ kind: 'settle' })
  }

  /** What all clients see, held against the truth. */
  async look(truth: Extract<Order, { kind: 'look' }>['truth']): Promise<Sight> {
    const sights = (await this.#askAll({ kind: 'look', truth })) as Sight[]
    return {
      inside: sum(sights.map((sight) => sight.inside)),
      wrong: sights.flatMap((sight) => sight.wrong),
      faults: sights.flatMap((sight) => sight.faults),
      diffs: sum(sights.map((sight) => sight.diffs)),
      mostDiffs: Math.max(...sights.map((sight) => sight.mostDiffs)),
    }
  }

  /** Cuts every connection; the processes are ready for the next run. */
  async end(): Promise<void> {
    await this.#askAll({ kind: 'end' })
  }

  stop(): void {
    for (const each of this.#processes) each.stop()
  }

  #askAll(order: Order): Promise<(Sight | undefined)[]> {
    return Promise.all(this.#processes.map((each) => each.ask(order)))
  }
}

class Process {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #id = 0

  constructor() {
    this.#child = fork(worker, { stdio: 'inherit', execArgv: [] })
    this.#child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    })
    this.#child.on('exit', (code) => {
      const error = `expected a process of clients, got its end (${code}); is ${worker} built?`
      for (const [id, settle] of this.#waiting) settle({ id, error })
    })
  }

  /** @throws what the other process threw, or where it ended. */
  ask(order: Order): Promise<Sight | undefined> {
    const id = this.#id++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) => {
        if ('error' in answer) reject(new Error(answer.error))
        else resolve(answer.sight)
      })
      this.#child.send({ id, order }, (error) => {
        if (error) reject(error)
      })
    })
  }

  stop(): void {
    this.#child.disconnect()
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
