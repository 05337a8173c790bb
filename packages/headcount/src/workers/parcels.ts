import type { Clock } from '@headcount/core'
import type { Port } from './rpc.js'

/** How long, in ms, messages are gathered while they keep coming. */
const window = 5

interface Parcel {
  readonly headcount: 'parcel'
  readonly messages: readonly object[]
}

/**
 * The same port, over which a storm goes in parcels: what a message between processes costs is mostly its own system call, its
 * own turn and its own JSON text. After a quiet a message goes at once. Both ends must have it so.
 */
export function inParcels(port: Port, clock: Clock): Port {
  let messages: object[] = []
  let sentAt = Number.NEGATIVE_INFINITY
  let waiting = false

  const send = (): void => {
    waiting = false
    sentAt = clock.now()
    port.send({ headcount: 'parcel', messages } satisfies Parcel)
    messages = []
  }
  return {
    send(message) {
      messages.push(message)
      if (waiting) return
      const wait = sentAt + window - clock.now()
      waiting = wait > 0
      if (waiting) clock.after(wait, send)
      else send()
    },
    on(listener) {
      return port.on((message) => {
        if ((message as Parcel | null)?.headcount !== 'parcel') return
        for (const each of (message as Parcel).messages) listener(each)
      })
    },
  }
}
