import type { Update } from '@headcount/core'

/** An event of Server-Sent Events. @param data has no line breaks, as JSON has none. */
export function event(data: string): string {
  return `data: ${data}\n\n`
}

/** The bytes of the event with the counts of an update. */
export type EncodeUpdate = (update: Update) => Uint8Array

/** Encodes each update once for all streams. @param data returns the data of its event. */
export function encodeOnce(data: (update: Update) => string): EncodeUpdate {
  const encoded = new WeakMap<Update, Uint8Array>()
  return (update) => {
    let bytes = encoded.get(update)
    if (bytes === undefined) {
      bytes = Buffer.from(event(data(update)))
      encoded.set(update, bytes)
    }
    return bytes
  }
}
