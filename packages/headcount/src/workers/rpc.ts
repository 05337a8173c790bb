/** One end of a channel between two processes that keeps the order of what is sent: a process's, or a worker's. */
export interface Port {
  /** Sends what JSON can hold. Where the other end is gone, nothing happens. */
  send(message: object): void
  /** Returns the undo. */
  on(listener: (message: unknown) => void): () => void
}

/** The conversation between a worker's engine and its host. */
export const engineSubject = 'engine'

/** What one end does for the other, by name. */
export type Acts = Readonly<Record<string, (given: never) => unknown>>

/** One end of a conversation over a port. */
export interface Rpc {
  /** Asks the other end. Rejects with its error, or when this end is closed. */
  call<T>(act: string, given?: unknown): Promise<T>
  /** Tells the other end, which does not answer. */
  tell(act: string, given: unknown): void
  /** Ends this end: whoever waits is told so. */
  close(): void
}

/** `id` asks for an answer; without it nobody waits. */
interface Call {
  readonly headcount: string
  readonly id?: number
  readonly act: string
  readonly given: unknown
}

interface Answer {
  readonly headcount: string
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

interface Waiting {
  resolve(value: never): void
  reject(error: Error): void
}

/**
 * Talks over `port`: calls go out, and those of the other end are done by `acts`. Messages of another subject are left
 * alone, so that several conversations share one port.
 */
export function rpc(port: Port, subject: string, acts: Acts): Rpc {
  const waiting = new Map<number, Waiting>()
  let next = 0
  let isOpen = true

  const act = async ({ id, act: name, given }: Call): Promise<void> => {
    try {
      const value = await (acts[name] as (given: unknown) => unknown)(given)
      if (id !== undefined) port.send({ headcount: subject, id, value } satisfies Answer)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (id !== undefined) port.send({ headcount: subject, id, error: message } satisfies Answer)
    }
  }
  const off = port.on((message) => {
    if ((message as Call | null)?.headcount !== subject) return
    if ('act' in (message as object)) void act(message as Call)
    else settle(message as Answer)
  })
  const settle = ({ id, value, error }: Answer): void => {
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asked?.resolve(value as never)
    else asked?.reject(new Error(error))
  }
  return {
    call: (name, given) =>
      new Promise((resolve, reject) => {
        if (!isOpen) return reject(new Error('expected an open channel between processes, got a closed one'))
        const id = next++
        waiting.set(id, { resolve, reject })
        port.send({ headcount: subject, id, act: name, given } satisfies Call)
      }),
    tell: (name, given) => port.send({ headcount: subject, act: name, given } satisfies Call),
    close() {
      isOpen = false
      off()
      const error = new Error('expected an answer from another process, got its end')
      for (const asked of waiting.values()) asked.reject(error)
      waiting.clear()
    },
  }
}
